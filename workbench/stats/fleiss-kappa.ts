import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/** A coefficient of agreement without a closed-form interval (bootstrap the items for one). */
export interface Agreement {
  readonly kind: "agreement";
  readonly estimator: string;
  readonly n: number;
  readonly estimate: number;
}

/**
 * Fleiss' κ of any number of raters: `counts[item][category]` raters chose it, the same number of
 * raters for each item (≥ 2). Refused: chance agreement of 1, unequal raters.
 * Source: Fleiss 1971. Worked value: [[3, 0], [0, 3], [2, 1]] gives 0.55.
 */
export function fleissKappa(counts: readonly (readonly number[])[]): Agreement | Refused {
  const first = counts[0];
  if (!first) return refused("no items");
  const raters = sumOf(first, (count) => count);
  if (!(raters >= 2)) return refused("fewer than 2 raters");
  for (const [item, row] of counts.entries()) {
    if (row.length !== first.length) return refused(`item ${item} has ${row.length} categories`);
    if (row.some((count) => !Number.isSafeInteger(count) || count < 0))
      return refused(`item ${item} has no counts`);
    if (sumOf(row, (count) => count) !== raters) return refused(`item ${item} has another number of raters`);
  }
  const n = counts.length;
  const pairs = raters * (raters - 1);
  const observed = sumOf(counts, (row) => sumOf(row, (count) => count * (count - 1)) / pairs) / n;
  const shares = first.map((_, j) => sumOf(counts, (row) => row[j] as number) / (n * raters));
  const chance = sumOf(shares, (share) => share * share);
  if (!(1 - chance > 1e-12)) return refused("chance agreement is 1: only one category is used");
  const estimate = (observed - chance) / (1 - chance);
  return { kind: "agreement", estimator: "fleiss-kappa@1", n, estimate };
}
