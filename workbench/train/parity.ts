import { loadModel } from "../endpoint/llama/model.ts";
import type { LocalModel } from "../endpoint/llama/model.ts";
import { callTrainer } from "../host/trainer.ts";
import type { ChatMessage } from "../endpoint/client.ts";
import type { TrainResult } from "../schema/run.ts";
import { seeded } from "../stats/random.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { readReference } from "./parity-reference.ts";
import type { ReferenceAnswers } from "./parity-reference.ts";

type Parity = NonNullable<TrainResult["parity"]>;
type Check = Parity["checks"][number];

/** What both engines are asked: chats, texts that are only encoded, and how far to continue. */
export interface Probes {
  readonly prompts: readonly (readonly ChatMessage[])[];
  readonly texts: readonly string[];
  readonly maxTokens: number;
}

/** What an engine may differ by, for weights of one precision. Null is not asked. */
export interface Bars {
  /** P2: the largest difference of any next-token log-probability. */
  readonly maxLogprob: number | null;
  /** P2: the mean Kullback–Leibler divergence of torch's next-token distribution from the engine's, in nats. */
  readonly meanKl: number;
  /** P3: the least share of prompts whose greedy answer is identical. */
  readonly greedy: number;
}

export type Precision = "f32" | "f16" | "bf16" | "q8_0";

export const BARS: Readonly<Record<Precision, Bars>> = {
  f32: { maxLogprob: 1e-3, meanKl: 1e-6, greedy: 0.98 },
  f16: { maxLogprob: null, meanKl: 1e-3, greedy: 0.98 },
  bf16: { maxLogprob: null, meanKl: 1e-3, greedy: 0.98 },
  q8_0: { maxLogprob: null, meanKl: 5e-3, greedy: 0.98 },
};

/**
 * Exported files and torch's own answers. With an adapter or a merged model the answers are those of
 * the trained model; with neither, those of the base.
 */
export interface ParityCase {
  readonly base: string;
  readonly adapter: string | null;
  readonly merged: string | null;
  readonly probes: Probes;
  readonly reference: ReferenceAnswers;
  /** Of `merged`; base and adapter are exported in full. */
  readonly precision: Precision;
  /** The recipe's own bar for P3, in place of the precision's. */
  readonly greedyBar?: number;
}

/** The same before torch has been asked. */
export interface ParityRequest extends Omit<ParityCase, "reference"> {
  readonly baseFolder: string;
  /** The PEFT folder; null for a bare base. */
  readonly adapterFolder: string | null;
  readonly exporter: { readonly python: string; readonly threads: number };
}

/**
 * Asks torch through the trainer and node-llama-cpp through the exported files, and compares: the
 * check without which an artifact gets no alias.
 */
export async function exportParity(request: ParityRequest, effects: Effects = realEffects): Promise<Parity> {
  const { baseFolder, adapterFolder, exporter, probes } = request;
  const body = { base: baseFolder, adapter: adapterFolder, ...probes };
  const reference = readReference(await callTrainer({ ...exporter, command: "reference", body }, effects));
  return checkParity({ ...request, reference }, effects);
}

/** Compares the exported files with torch's answers. P1 token ids, P2 distributions, P3 greedy answers. */
export async function checkParity(parity: ParityCase, effects: Effects = realEffects): Promise<Parity> {
  const { adapter, merged, probes, reference, precision } = parity;
  const barsOf = (of: Precision): Bars => ({ ...BARS[of], greedy: parity.greedyBar ?? BARS[of].greedy });
  const checks: Check[] = [];
  const withModel = async (path: string, work: (model: LocalModel) => Promise<void>): Promise<void> => {
    const model = await loadModel(path, {}, effects);
    await work(model).finally(() => model.close());
  };
  await withModel(parity.base, async (model) => {
    checks.push(tokenIds(model, probes, reference), fuzzIds(model, probes, reference));
    const name = adapter === null ? "base" : "base + adapter";
    if (adapter !== null || merged === null)
      checks.push(...(await answers({ name, model, adapter, bars: barsOf("f32") }, probes, reference)));
  });
  if (merged !== null)
    await withModel(merged, async (model) => {
      const variant = { name: `merged ${precision}`, model, adapter: null, bars: barsOf(precision) };
      checks.push(...(await answers(variant, probes, reference)));
    });
  return { passed: checks.every((check) => check.passed), checks };
}

function tokenIds(model: LocalModel, { prompts }: Probes, reference: ReferenceAnswers): Check {
  const wrong = prompts.findIndex(
    (prompt, n) => !same(model.promptIds(prompt), reference.prompts[n]?.promptIds),
  );
  return {
    name: "P1 token ids of chats",
    passed: prompts.length > 0 && wrong === -1,
    detail: wrong === -1 ? `${prompts.length} of ${prompts.length} chats exact` : `chat ${wrong + 1} differs`,
  };
}

function fuzzIds(model: LocalModel, { texts }: Probes, reference: ReferenceAnswers): Check {
  const wrong = texts.findIndex((text, n) => !same(model.tokenize(text, false), reference.texts[n]));
  return {
    name: "P1 token ids of fuzz texts",
    passed: texts.length > 0 && wrong === -1,
    detail:
      wrong === -1
        ? `${texts.length} of ${texts.length} texts exact`
        : `text ${wrong + 1} differs: ${JSON.stringify(texts[wrong])}`,
  };
}

interface Variant {
  readonly name: string;
  readonly model: LocalModel;
  readonly adapter: string | null;
  readonly bars: Bars;
}

async function answers(
  variant: Variant,
  probes: Probes,
  reference: ReferenceAnswers,
): Promise<readonly Check[]> {
  const { name, model, adapter, bars } = variant;
  let [worst, divergence, equal] = [0, 0, 0];
  for (const [n, prompt] of probes.prompts.entries()) {
    const expected = reference.prompts[n];
    if (!expected) continue;
    const promptIds = model.promptIds(prompt);
    const found = compare(expected.logprobs, await model.nextLogprobs(adapter, promptIds));
    worst = Math.max(worst, found.worst);
    divergence += found.divergence / probes.prompts.length;
    const answer = await model.generate(adapter, {
      promptIds,
      sampling: { ...GREEDY, maxTokens: probes.maxTokens },
    });
    equal += Number(
      same(answer.ids, expected.ids) && answer.text === expected.text && answer.finish === expected.finish,
    );
  }
  const total = probes.prompts.length;
  const near = (bars.maxLogprob === null || worst <= bars.maxLogprob) && divergence <= bars.meanKl;
  const allowed = bars.maxLogprob === null ? "" : ` (bar ${bars.maxLogprob})`;
  return [
    {
      name: `P2 next-token distribution, ${name}`,
      passed: total > 0 && near,
      detail: `max Δlogprob ${worst.toExponential(1)}${allowed}, mean KL ${divergence.toExponential(1)} (bar ${bars.meanKl})`,
    },
    {
      name: `P3 greedy answers, ${name}`,
      passed: total > 0 && equal / total >= bars.greedy,
      detail: `${equal} of ${total} identical over ${probes.maxTokens} tokens (bar ${bars.greedy})`,
    },
  ];
}

const GREEDY = { temperature: 0, topP: 1, topK: 0, minP: 0, seed: 0, stop: [], topLogprobs: null };

/**
 * Largest difference, and KL(expected ‖ found) = Σ p·(ln p − ln q), over the whole vocabulary.
 * Vocabularies of different sizes are infinitely far apart.
 *
 * Worked value: two halves against (0.25, 0.75): 0.5·ln 2 + 0.5·ln(2/3) = 0.143 841 nats.
 */
export function compare(
  expected: readonly number[],
  found: Float64Array,
): { readonly worst: number; readonly divergence: number } {
  if (expected.length !== found.length || expected.length === 0)
    return { worst: Infinity, divergence: Infinity };
  let [worst, divergence] = [0, 0];
  expected.forEach((logprob, id) => {
    const difference = logprob - (found[id] ?? -Infinity);
    worst = Math.max(worst, Math.abs(difference));
    divergence += Math.exp(logprob) * difference;
  });
  // A NaN anywhere must fail every bar.
  return Number.isNaN(divergence) ? { worst: Infinity, divergence: Infinity } : { worst, divergence };
}

function same(a: readonly (number | undefined)[], b: readonly number[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((id, n) => id === b[n]);
}

const PIECES = [
  "the ",
  "invoice",
  " refund",
  "'s",
  "'ll",
  "I'd",
  "don't",
  " 12",
  "345,678.90",
  "  ",
  "\n\n",
  "\t",
  "\r\n",
  " \n ",
  "é",
  "Ünïcödé",
  "ß",
  "İstanbul",
  "ﬁ",
  "ǆ",
  "東京",
  "한국어",
  "Привет",
  "مرحبا",
  "🙂",
  "👍🏽",
  "👩‍👩‍👧",
  "\u00a0",
  "\u2003",
  "\u200b",
  "e\u0301",
  '{"a":[1,2]}',
  "</tag>",
  "--",
  "...",
  "'S",
  "'RE",
  "_x_",
  "A1b2",
  "²½",
  "٣",
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "\u0000",
  "\u007f",
  "\ufffd",
] as const;

/** Texts that have broken tokenizers: contractions, white space, scripts, emoji, control characters, forged tokens. */
export function fuzzTexts(count: number, seed: number): readonly string[] {
  const random = seeded(`parity:${seed}`);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(8) }, () => PIECES[random.below(PIECES.length)] ?? "").join(""),
  );
}
