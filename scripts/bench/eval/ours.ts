import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "./measure.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** A project of our own with one suite for each number of samples. */
export interface Bench {
  readonly root: string;
  /** One chat for each sample, `contains` as its scorer. */
  readonly run: (samples: number, options?: RunOptions) => Command;
}

export interface RunOptions {
  readonly concurrency?: number;
  readonly streamed?: boolean;
  /** Take answers that are stored. Default: ask. */
  readonly stored?: boolean;
  readonly rescore?: string;
}

const SUITE = (samples: number, name: string, scorer: string): string => `
import { chat, ${scorer}, jsonl, suite } from "workbench";
export default suite("${name}", {
  arms: { baseline: "mock" },
  data: jsonl("evals/data/rows-${samples}.jsonl"),
  task: chat({ system: "You repeat what you hear.", user: (s) => s.input.text, maxTokens: 100 }),
  scorers: [${scorer}()],
});
`;

export const question = (n: number): string => `Please repeat sentence number ${n} of the long list.`;
export const phrase = (n: number): string => `number ${n} of`;

/** Writes a project into an empty folder. */
export async function makeBench(root: string, url: string, sizes: readonly number[]): Promise<Bench> {
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, "evals/data"), { recursive: true });
  await mkdir(join(root, "node_modules"));
  await symlink(CHECKOUT, join(root, "node_modules/workbench"));
  await writeFile(join(root, "package.json"), '{"type":"module"}');
  await writeFile(
    join(root, "workbench.config.yaml"),
    `schema: workbench/config@1\nproject: bench\nendpoints:\n  mock: { kind: openai, url: "${url}" }\n` +
      "models:\n  mock: { endpoint: mock, model: mock }\n",
  );
  for (const samples of sizes) {
    const rows = Array.from({ length: samples }, (_, n) =>
      JSON.stringify({ id: `row-${n}`, input: { text: question(n) }, expected: phrase(n) }),
    );
    await writeFile(join(root, `evals/data/rows-${samples}.jsonl`), `${rows.join("\n")}\n`);
    await writeFile(join(root, `evals/ask-${samples}.eval.ts`), SUITE(samples, `ask-${samples}`, "contains"));
    await writeFile(
      join(root, `evals/again-${samples}.eval.ts`),
      SUITE(samples, `again-${samples}`, "exact"),
    );
  }
  return {
    root,
    run: (samples, { concurrency = 64, streamed = false, stored = false, rescore } = {}) => ({
      argv: [
        ...[process.execPath, join(CHECKOUT, "workbench/cli/bin.js"), "eval"],
        ...(rescore === undefined ? [`ask-${samples}`] : [`again-${samples}`, "--rescore", rescore]),
        ...["--project", root, "--json", "--fresh", "--concurrency", String(concurrency)],
        ...(stored ? [] : ["--no-stored"]),
        ...(streamed ? ["--stream"] : []),
      ],
      cwd: root,
    }),
  };
}
