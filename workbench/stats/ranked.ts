import { quantileSorted } from "d3-array";
import { badValues } from "./input.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * The p-quantile, type 7 (linear between order statistics), as in NumPy and R's default.
 * Worked value: `quantile([1, 2, 3, 4], 0.5)` is 2.5.
 */
export function quantile(values: readonly number[], p: number): number | Refused {
  const bad = badValues(values, 1);
  if (bad) return bad;
  if (!(p >= 0 && p <= 1)) return refused(`p must lie between 0 and 1, got ${p}`);
  return quantileSorted(
    [...values].sort((a, b) => a - b),
    p,
  ) as number;
}

/** Mid-ranks from 1 (ties share their mean rank), and Σ(t³ − t) over tie groups. */
export interface Ranks {
  readonly ranks: readonly number[];
  readonly tieSum: number;
}

/** Worked value: `midRanks([3, 1, 3])` is ranks [2.5, 1, 2.5] and tieSum 6. */
export function midRanks(values: readonly number[]): Ranks {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length).fill(0);
  let tieSum = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    const size = end - start;
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + 1 + end) / 2;
    tieSum += size * size * size - size;
    start = end;
  }
  return { ranks, tieSum };
}
