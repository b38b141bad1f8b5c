/**
 * Parity of torch and node-llama-cpp on the tiny base: token ids, first distribution, greedy answers.
 *
 *   node scripts/parity-tiny.ts <adapter folder> [base folder]          python from WORKBENCH_PYTHON, else python3
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  getLlama,
  LlamaLogLevel,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";
import { $ } from "zx";
import { ask, makeTickets } from "../workbench/flow/example/tickets.ts";

const root = join(import.meta.dirname, "..");
const [adapter, base = join(root, "recipes/bases/tiny-router")] = process.argv.slice(2);
if (adapter === undefined) throw new Error("name the adapter folder");
const maxTokens = 40;

interface Reference {
  readonly prompts: readonly {
    readonly promptIds: readonly number[];
    readonly ids: readonly number[];
    readonly logprobs: readonly number[];
  }[];
  readonly texts: readonly (readonly number[])[];
}

async function trainer<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
  const env = { ...process.env, PYTHONPATH: join(root, "scripts") };
  const input = JSON.stringify({ schema: "workbench/trainer-request@1", ...request });
  const done = await $({
    input,
    env,
    quiet: true,
  })`${process.env["WORKBENCH_PYTHON"] ?? "python3"} -m trainer`;
  return JSON.parse(done.stdout) as T;
}

const prompts = makeTickets({ seed: "parity", count: 12, users: 5 }).map(({ text }) => ask(text));
const texts = [
  "it's we'll I'd don't",
  "éàü ß 東京 🙂👍🏽",
  "  two  spaces\n\n\ttab ",
  "12345 6,78 a1b2",
  '{"a":[1,2]}',
  "İstanbul ǆ ﬁ",
  " end ",
  "'S 'RE",
  "\u00a0\u2003x",
  "",
];

interface Engine {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
}

/** The first distribution and the greedy ids of one prompt. */
async function greedy(
  { model, sequence }: Engine,
  promptIds: readonly number[],
): Promise<{ ids: readonly number[]; first: ReadonlyMap<Token, number> }> {
  await sequence.clearHistory();
  const tokens = promptIds as readonly Token[];
  const input = [
    ...tokens.slice(0, -1),
    [tokens.at(-1) as Token, { generateNext: { probabilities: true } }] as const,
  ];
  const out = await sequence.controlledEvaluate(
    input as Parameters<LlamaContextSequence["controlledEvaluate"]>[0],
  );
  const first = out.at(-1)?.next.probabilities ?? new Map<Token, number>();
  await sequence.clearHistory();
  const ids: number[] = [];
  for await (const token of sequence.evaluate([...tokens], { temperature: 0, yieldEogToken: false })) {
    ids.push(token);
    if (ids.length >= maxTokens || model.isEogToken(token)) break;
  }
  return { ids, first };
}

/** Compare one model file, with or without a LoRA file beside it, to torch's reference. */
async function compare(
  name: string,
  files: { readonly gguf: string; readonly lora: string | null },
  reference: Reference,
): Promise<boolean> {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: files.gguf, gpuLayers: 0 });
  const lora = files.lora === null ? {} : { lora: files.lora };
  const context = await model.createContext({
    contextSize: 512,
    threads: 1,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    ...lora,
  });
  const sequence = context.getSequence();
  let [same, worst] = [0, 0];
  for (const prompt of reference.prompts) {
    const { ids, first } = await greedy({ model, sequence }, prompt.promptIds);
    same += Number(JSON.stringify(ids) === JSON.stringify(prompt.ids));
    prompt.logprobs.forEach((logprob, id) => {
      if (logprob > -12) worst = Math.max(worst, Math.abs(Math.log(first.get(id as Token) ?? 0) - logprob));
    });
  }
  const fuzz = texts.filter(
    (text, index) => JSON.stringify(model.tokenize(text, false)) === JSON.stringify(reference.texts[index]),
  ).length;
  console.log(
    `${name.padEnd(14)} greedy ${String(same)}/${String(reference.prompts.length)}  fuzz ids ${String(fuzz)}/${String(texts.length)}  worst Δlogprob ${worst.toExponential(1)}`,
  );
  await context.dispose();
  await model.dispose();
  await llama.dispose();
  return same === reference.prompts.length && fuzz === texts.length;
}

const work = await mkdtemp(join(tmpdir(), "parity-"));
try {
  const plain = await trainer<Reference>({
    command: "reference",
    base,
    adapter: null,
    prompts,
    texts,
    maxTokens,
  });
  const tuned = await trainer<Reference>({ command: "reference", base, adapter, prompts, texts, maxTokens });
  await trainer({ command: "export", base, adapter: null, out: work, precision: "f32" });
  await trainer({ command: "export", base, adapter, out: work, precision: "f32" });
  const file = (name: string): string => join(work, name);
  const good = [
    await compare("base", { gguf: file("base.gguf"), lora: null }, plain),
    await compare("base + adapter", { gguf: file("base.gguf"), lora: file("adapter.gguf") }, tuned),
    await compare("merged", { gguf: file("merged.gguf"), lora: null }, tuned),
  ];
  process.exitCode = good.every(Boolean) ? 0 : 6;
} finally {
  await rm(work, { recursive: true, force: true });
}
