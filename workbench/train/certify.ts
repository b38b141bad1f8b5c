import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { FileRef } from "../schema/names.ts";
import { TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Journal } from "../store/journal.ts";
import type { BaseGguf, Exporter } from "./export.ts";
import type { Precision, Probes } from "./parity.ts";
import { exportParity, fuzzTexts } from "./parity.ts";
import type { Resolved } from "./resolve.ts";
import { fileOf } from "./resolve.ts";
import type { ChatTokens, PlainMessage } from "./tokens.ts";
import { loadTokens } from "./tokens.ts";

type Parity = NonNullable<TrainResult["parity"]>;

const FUZZ_TEXTS = 1000;
const DATA_PROMPTS = 24;
const MAX_TOKENS = 40;

/** Chats that have broken templates: no system turn, several turns, white space, scripts, emoji, JSON. */
const GOLDEN: readonly (readonly PlainMessage[])[] = [
  [{ role: "user", content: "hello" }],
  [{ role: "user", content: " two  spaces\n\n\tand a tab " }],
  [{ role: "user", content: 'It\'s déjà vu: 東京 🙂👍🏽, "quoted" {"a": [1, 2]}' }],
  [
    { role: "system", content: "Answer in one word." },
    { role: "user", content: "first question" },
    { role: "assistant", content: "answer" },
    { role: "user", content: "second question" },
  ],
  [
    { role: "system", content: "" },
    { role: "user", content: "an empty system turn" },
  ],
];

interface Certified {
  readonly resolved: Resolved;
  readonly folder: string;
  readonly artifacts: readonly FileRef[];
  readonly baseGguf: BaseGguf;
  readonly exporter: Exporter;
  readonly journal: Journal;
}

/**
 * The certificate of an export: torch and node-llama-cpp give the same token ids, distributions and
 * greedy answers. Done once per set of files; a difference is WB_EXPORT_PARITY (exit 6), because such
 * an artifact is another model than the one that was trained.
 */
export async function certify(job: Certified, effects: Effects = realEffects): Promise<Parity> {
  const { folder, artifacts, baseGguf, journal } = job;
  const served = artifacts.filter(({ path }) => path.endsWith(".gguf"));
  const key = `parity:${[baseGguf, ...served].map(({ sha256 }) => sha256.slice(0, 12)).join("+")}`;
  const before = journal.content.lines.find((line) => line.key === key)?.data;
  const known = TrainResult.shape.parity.safeParse(before);
  if (known.success && known.data?.passed === true) return known.data;
  const parity = await compareEngines(job, effects);
  if (!parity.passed) throw failed(folder, parity);
  await journal.append({ kind: "parity", key, data: parity });
  return parity;
}

async function compareEngines(
  { resolved, folder, baseGguf, exporter }: Certified,
  effects: Effects,
): Promise<Parity> {
  const { effective } = resolved.lock;
  const probes = await probesOf(resolved, effects);
  const checks: Parity["checks"] = [];
  for (const [index, precision] of (effective["export.gguf"] as readonly Precision[]).entries()) {
    const file = index === 0 ? "merged.gguf" : `merged.${precision}.gguf`;
    const found = await exportParity(
      {
        base: baseGguf.path,
        adapter: join(folder, "artifacts", "adapter.gguf"),
        merged: join(folder, "artifacts", file),
        probes,
        precision,
        greedyBar: Number(effective["export.parity.greedyMatch"]),
        baseFolder: resolved.base.folder,
        adapterFolder: join(folder, "artifacts", "adapter"),
        exporter,
      },
      effects,
    );
    checks.push(...found.checks.filter(({ name }) => index === 0 || name.includes("merged")));
  }
  return { passed: checks.every(({ passed }) => passed), checks };
}

/** Prompts of the evaluation split (else of training), golden chats, and fuzz texts. */
async function probesOf({ lock, base, dataset }: Resolved, effects: Effects): Promise<Probes> {
  const tokens = await loadTokens(base.folder, effects);
  const split =
    lock.effective["data.eval"] === "none" ? lock.effective["data.train"] : lock.effective["data.eval"];
  const { path } = fileOf(dataset, String(split));
  const text = Buffer.from(await effects.read(join(dataset.folder, path))).toString("utf8");
  const rows = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => promptOf(JSON.parse(line)));
  const unique = [...new Map(rows.map((prompt) => [JSON.stringify(prompt), prompt])).values()];
  const prompts = [...unique.slice(0, DATA_PROMPTS), ...GOLDEN.filter((chat) => canRender(tokens, chat))];
  return {
    prompts: prompts.map((prompt) => [...prompt]) as Probes["prompts"],
    texts: fuzzTexts(FUZZ_TEXTS, lock.seed),
    maxTokens: MAX_TOKENS,
  };
}

/** A row's chat up to its last answer. */
function promptOf(row: unknown): readonly PlainMessage[] {
  const { messages, prompt } = row as {
    messages?: readonly PlainMessage[];
    prompt?: readonly PlainMessage[];
  };
  const turns =
    prompt ??
    messages?.slice(
      0,
      messages.findLastIndex(({ role }) => role === "assistant"),
    ) ??
    [];
  return turns.map(({ role, content }) => ({ role, content }));
}

function canRender(tokens: ChatTokens, chat: readonly PlainMessage[]): boolean {
  try {
    return tokens.render(chat, true) !== "";
  } catch {
    return false; // this base's template refuses such a chat, so nobody will serve one
  }
}

function failed(folder: string, { checks }: Parity): WorkbenchError {
  const wrong = checks.filter(({ passed }) => !passed);
  return new WorkbenchError({
    code: "WB_EXPORT_PARITY",
    where: join(folder, "artifacts"),
    what: `the exported model does not answer like the trained one: ${wrong.map(({ name }) => name).join("; ")}`,
    why: wrong.map(({ detail }) => detail).join("; "),
    fix: "export in a higher precision (export: {gguf: [f32]}), or lower export.parity.greedyMatch if the difference is acceptable",
  });
}
