import { badCount } from "./input.ts";
import { refused, type Refused } from "./refused.ts";

/** The four cells of n paired yes/no answers; effects read candidate − baseline. */
export interface PairedCounts {
  readonly both: number;
  readonly baselineOnly: number;
  readonly candidateOnly: number;
  readonly neither: number;
}

/** Counts pairs of 0/1 (or boolean) answers; anything else, or unequal lengths, is refused. */
export function pairedCounts(
  baseline: readonly (number | boolean)[],
  candidate: readonly (number | boolean)[],
): PairedCounts | Refused {
  if (baseline.length !== candidate.length) {
    return refused(`arms differ in length: ${baseline.length} and ${candidate.length}`);
  }
  const cells = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
  for (let i = 0; i < baseline.length; i++) {
    const a = Number(baseline[i]);
    const b = Number(candidate[i]);
    if ((a !== 0 && a !== 1) || (b !== 0 && b !== 1)) return refused(`pair ${i} is not 0/1: ${a}, ${b}`);
    cells[a === 1 ? (b === 1 ? "both" : "baselineOnly") : b === 1 ? "candidateOnly" : "neither"]++;
  }
  return cells;
}

/** Number of pairs, or why the cells are not counts. */
export function pairsOf(counts: PairedCounts): number | Refused {
  const { both, baselineOnly, candidateOnly, neither } = counts;
  const n = both + baselineOnly + candidateOnly + neither;
  for (const cell of [both, baselineOnly, candidateOnly, neither]) {
    const bad = badCount(cell, n, "pair");
    if (bad) return bad;
  }
  return n;
}
