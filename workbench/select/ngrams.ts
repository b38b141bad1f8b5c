import type { DecontaminateSettings } from "../schema/dataset-definition.ts";
import { hash53 } from "./shingles.ts";

/** How many words an n-gram has for a sample of `words` words: short samples need short n-grams. */
export function ngramSize(words: number, settings: DecontaminateSettings): number {
  const short = [...settings.shortNgrams].sort(([a], [b]) => a - b).find(([below]) => words < below);
  return short?.[1] ?? settings.ngram;
}

/** Hashes of the n-grams of a text by position; empty when it has fewer than n words. */
export function ngrams(words: readonly string[], n: number): readonly number[] {
  const count = Math.max(0, words.length - n + 1);
  return Array.from({ length: count }, (_, at) => hash53(words, at, at + n));
}
