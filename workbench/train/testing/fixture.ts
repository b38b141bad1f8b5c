import { cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { digestOf, sha256 } from "../../schema/canonical.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { projectAt } from "../../store/paths.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Real effects with the interpreter named, so that a test's project needs no environment of its own. */
export function effectsWith(python: string | null): Effects {
  const env = (name: string): string | undefined =>
    name === "WORKBENCH_PYTHON" ? (python ?? undefined) : realEffects.env(name);
  return { ...realEffects, env };
}

/** A project in a temporary folder with the tiny base, a chat dataset and a pair dataset. */
export async function makeProject(): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), "workbench-train-"));
  const project = projectAt(root);
  await writeFile(project.config, "schema: workbench/config@1\nproject: fixture\n");
  await cp(join(ROOT, "recipes/bases/tiny-router"), join(project.recipes, "bases/tiny-router"), {
    recursive: true,
  });
  await writeDataset(project, { name: "chats", kind: "sft", train: chats(40), val: chats(8, 100) });
  await writeDataset(project, { name: "pairs", kind: "preference", train: pairs(24), val: pairs(6, 100) });
  await writeRecipe(project, "short-sft", sftRecipe());
  return project;
}

interface Rows {
  readonly name: string;
  readonly kind: "sft" | "preference";
  readonly train: readonly object[];
  readonly val: readonly object[];
}

/** Writes a dataset folder with a manifest as `curate` writes it; gives its digest. */
export async function writeDataset(
  project: Project,
  rows: Rows,
  at = "2026-11-20T00:00:00.000Z",
): Promise<string> {
  const texts = { train: linesOf(rows.train), val: linesOf(rows.val) };
  const files = Object.entries(texts).map(([split, text]) => ({
    path: `${split}.jsonl`,
    sha256: sha256(text),
    bytes: Buffer.byteLength(text),
  }));
  const body = {
    schema: "workbench/dataset@1",
    name: rows.name,
    kind: rows.kind,
    definition: {},
    definitionSha256: sha256("{}"),
    sources: [],
    seed: 1,
    funnel: [],
    splits: { train: rows.train.length, val: rows.val.length, test: 0 },
    contamination: {
      suites: [{ suite: "fixture", sha256: sha256("suite"), items: 1 }],
      flagged: 0,
      removed: 0,
    },
    quality: {},
    files,
    tools: {},
  };
  const digest = digestOf(body);
  const folder = join(project.datasets, `${rows.name}@${digest.slice(0, 12)}`);
  await mkdir(folder, { recursive: true });
  for (const [split, text] of Object.entries(texts)) await writeFile(join(folder, `${split}.jsonl`), text);
  await writeFile(
    join(folder, "manifest.json"),
    JSON.stringify({ ...body, digest, clock: { at, commit: null } }),
  );
  return digest;
}

const linesOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const QUEUES = ["billing", "login", "shipping"] as const;
const answerOf = (i: number): string =>
  `{"tool":"route","queue":"${QUEUES[i % 3]!}","priority":"${i % 2 === 0 ? "high" : "low"}"}`;
const question = (i: number): readonly object[] => [
  { role: "system", content: "Route the ticket." },
  { role: "user", content: `It's ticket ${i}: ${QUEUES[i % 3]!} does not work, naïve café 😀` },
];

export function chats(count: number, from = 0): readonly object[] {
  return Array.from({ length: count }, (_, i) => ({
    messages: [...question(from + i), { role: "assistant", content: answerOf(from + i) }],
  }));
}

export function pairs(count: number, from = 0): readonly object[] {
  return Array.from({ length: count }, (_, i) => ({
    prompt: question(from + i),
    chosen: [{ role: "assistant", content: answerOf(from + i) }],
    rejected: [{ role: "assistant", content: answerOf(from + i + 1) }],
  }));
}

export async function writeRecipe(project: Project, name: string, text: string): Promise<void> {
  await mkdir(project.recipes, { recursive: true });
  await writeFile(join(project.recipes, `${name}.yaml`), text);
}

/** A recipe of 15 steps of 8 chats on the tiny base. */
export function sftRecipe(change: (text: string) => string = (text) => text): string {
  return change(`schema: workbench/recipe@1
recipe: short-sft
method: sft
base: { model: bases/tiny-router, revision: local, dtype: f32 }
data: { dataset: chats@latest }
adapter: { r: 8, alpha: 16, targets: all-linear }
optim: { lr: 2.0e-3, epochs: 3, batch: 8, gradAccum: 1, warmup: { steps: 2 } }
length: { max: 256, maxPrompt: 192, packing: false }
run: { seed: 7, saveEverySteps: 2, evalEverySteps: 5, sampleEverySteps: 0 }
export: { merge: f32, gguf: [f32] }
allowSmall: a test needs only a handful of rows
`);
}

/** A DPO recipe of 6 steps of 8 pairs that goes on from `short-sft`. */
export function dpoRecipe(): string {
  return `schema: workbench/recipe@1
recipe: short-dpo
method: dpo
base: { model: bases/tiny-router, dtype: f32 }
start: recipe:short-sft
data: { dataset: pairs@latest }
adapter: { r: 8, alpha: 16, targets: all-linear }
optim: { lr: 5.0e-4, epochs: 2, batch: 8, gradAccum: 1, warmup: { steps: 1 } }
dpo: { nllAnchor: 1.0 }
length: { max: 256, maxPrompt: 192, packing: false }
run: { seed: 7, saveEverySteps: 2, evalEverySteps: 3, sampleEverySteps: 0, earlyStop: null }
export: { merge: f32, gguf: [f32, q8_0] }
allowSmall: a test needs only a handful of pairs
`;
}

/** The bytes of a run's adapter, by digest. */
export async function adapterSha256(project: Project, run: string): Promise<string> {
  return sha256(await readFile(join(project.runs, run, "artifacts/adapter/adapter_model.safetensors")));
}
