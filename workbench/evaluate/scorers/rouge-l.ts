import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";
import { longestCommon } from "./tool-calls.ts";

const MOST_WORDS = 20_000;

/**
 * ROUGE-L: F1 of the longest common word subsequence, as rouge-score computes it without stemming:
 * lower case, runs of a–z and 0–9 are words. With several references the best one counts.
 *
 * When to use: summaries against a reference, to watch a trend.
 * When not to use: facts (a "not" costs one word), other scripts than Latin.
 * Source: Lin 2004. Worked value: "police kill the gunman" against "police killed the gunman" is 0.75.
 */
export function rougeL(options: ScorerOptions = {}): Scorer {
  return defineScorer(
    { name: "rougeL", version: 1, args: {}, options, threshold: 0.5 },
    ({ output, expected }) => {
      const references = (Array.isArray(expected) ? expected : [expected]).filter(
        (text) => typeof text === "string",
      );
      if (references.length === 0) return unscored("`expected` is no text");
      const words = rougeWords(output);
      const all = references.map(rougeWords);
      if (Math.max(words.length, ...all.map((list) => list.length)) > MOST_WORDS)
        return unscored(`longer than ${MOST_WORDS} words`);
      return { value: Math.max(...all.map((reference) => f1(words, reference))) };
    },
  );
}

const rougeWords = (text: string): readonly string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

function f1(answer: readonly string[], reference: readonly string[]): number {
  const total = answer.length + reference.length;
  if (answer.length === 0 || reference.length === 0) return 0;
  return (2 * longestCommon(answer, reference)) / total;
}
