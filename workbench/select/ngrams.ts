import type { DecontaminateSettings } from "../schema/dataset-definition.ts";

/** How many words an n-gram has for a sample of `words` words: short samples need short n-grams. */
export function ngramSize(words: number, settings: DecontaminateSettings): number {
  const short = [...settings.shortNgrams].sort(([a], [b]) => a - b).find(([below]) => words < below);
  return short?.[1] ?? settings.ngram;
}
