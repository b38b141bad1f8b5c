import type { Score } from "../../schema/run.ts";
import { sum } from "../../stats/sum.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

const ORDERS = [1, 2, 3, 4] as const;

/** What BLEU is computed from; those of a corpus are the sums of those of its sentences. */
export interface BleuCounts {
  /** Matched n-grams for n = 1…4, each at most as often as in one reference. */
  readonly correct: readonly number[];
  readonly total: readonly number[];
  readonly words: number;
  /** Words of the reference whose length is nearest; of equally near ones the shorter. */
  readonly referenceWords: number;
}

/**
 * BLEU as sacreBLEU 2 computes it (13a tokens, case kept, exponential smoothing), from 0 to 1. An
 * answer's value is its sentence BLEU with effective order; `bleu.corpus` is that of all answers
 * together, which is the figure to compare with published ones. `expected` is a text or several.
 *
 * When to use: translation against references, over a whole set.
 * When not to use: chat, short answers, anything with many right phrasings.
 * Source: Papineni 2002, Post 2018. Worked value: "two words" against "two words" is 1.
 */
export function bleu(options: ScorerOptions = {}): Scorer {
  const spec = { name: "bleu", version: 1, args: { tokens: "13a", smooth: "exp" }, options, threshold: 0.5 };
  const scorer = defineScorer(spec, ({ output, expected }) => {
    const references = (Array.isArray(expected) ? expected : [expected]).filter(
      (text) => typeof text === "string",
    );
    if (references.length === 0) return unscored("`expected` is no text");
    const counts = bleuCounts(output, references);
    return { value: bleuOf(counts, true), evidence: counts };
  });
  return Object.assign(scorer, { corpus: corpusBleu });
}

function corpusBleu(scores: readonly Score[]): number | null {
  const all = scores.flatMap(({ value, evidence }) => (value === null ? [] : [evidence as BleuCounts]));
  if (all.length === 0) return null;
  const added = (pick: (counts: BleuCounts) => number): number => sum(all.map(pick));
  const counts = {
    correct: ORDERS.map((_, i) => added(({ correct }) => correct[i] ?? 0)),
    total: ORDERS.map((_, i) => added(({ total }) => total[i] ?? 0)),
    words: added(({ words }) => words),
    referenceWords: added(({ referenceWords }) => referenceWords),
  };
  return bleuOf(counts, false);
}

/** Counts of one answer. Worked value: "a a" against "a b": one of two words is matched. */
export function bleuCounts(output: string, references: readonly string[]): BleuCounts {
  const words = tokens13a(output);
  const others = references.map(tokens13a);
  const correct = ORDERS.map((n) => {
    const own = gramsOf(words, n);
    const theirs = others.map((other) => gramsOf(other, n));
    return sum([...own].map(([gram, k]) => Math.min(k, Math.max(...theirs.map((g) => g.get(gram) ?? 0)))));
  });
  const lengths = others.map(({ length }) => length).sort((a, b) => a - b);
  const nearest = lengths.reduce((best, length) =>
    Math.abs(length - words.length) < Math.abs(best - words.length) ? length : best,
  );
  const total = ORDERS.map((n) => Math.max(0, words.length - n + 1));
  return { correct, total, words: words.length, referenceWords: nearest };
}

/**
 * BP · exp(mean log pₙ). `effective` counts only the orders that the answer is long enough for, as
 * sentence BLEU does; a missing match halves again for each order (smoothing method 3).
 */
export function bleuOf({ correct, total, words, referenceWords }: BleuCounts, effective: boolean): number {
  if (correct.every((count) => count === 0)) return 0;
  const penalty = words < referenceWords ? Math.exp(1 - referenceWords / words) : 1;
  let [halvings, orders] = [1, effective ? 0 : ORDERS.length];
  const logs: number[] = [];
  for (const [i, possible] of total.entries()) {
    if (possible === 0) break;
    if (effective) orders = i + 1;
    const matched = correct[i] ?? 0;
    if (matched === 0) halvings *= 2;
    logs.push(Math.log(matched === 0 ? 1 / (halvings * possible) : matched / possible));
  }
  // An order without any n-gram has no precision: without effective order nothing is left of the score.
  return logs.length < orders ? 0 : penalty * Math.exp(sum(logs) / orders);
}

function gramsOf(words: readonly string[], n: number): ReadonlyMap<string, number> {
  const grams = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join("\u0000");
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

// What Python's str.split() takes for white space.

const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * mteval-v13a's tokens, as sacreBLEU makes them.
 * Worked value: `tokens13a("It costs $1,250.")` is ["It", "costs", "$", "1,250", "."].
 */
export function tokens13a(text: string): readonly string[] {
  const line = trimmedEnd(text)
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return ` ${line} `
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ")
    .split(SPACE)
    .filter((word) => word !== "");
}

/** Without a pattern at the end: `\s+$` takes quadratic time on long runs of spaces. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}
