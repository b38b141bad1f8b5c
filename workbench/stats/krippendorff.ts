import type { Agreement } from "./fleiss-kappa.ts";
import { refused, type Refused } from "./refused.ts";
import { sum, sumOf } from "./sum.ts";

/** The level of measurement, which sets the distance between two values. */
export type Scale = "nominal" | "ordinal" | "interval" | "ratio";

/**
 * Krippendorff's α: any number of raters, gaps allowed (`null`), four scales.
 * α = 1 − (n−1)·Σ o_ck·δ²_ck / Σ n_c·n_k·δ²_ck over the coincidences of values within units.
 * `units[item]` lists the ratings of one item; items with fewer than two ratings drop out.
 * Refused: nothing pairable, one value only. Source: Krippendorff 2011 (his worked example, which
 * the tests carry: 0.743 nominal, 0.815 ordinal, 0.849 interval, 0.797 ratio).
 */
export function krippendorffAlpha(
  units: readonly (readonly (number | null)[])[],
  scale: Scale,
): Agreement | Refused {
  const rated = units
    .map((unit) => unit.filter((value) => value !== null))
    .filter((unit) => unit.length >= 2);
  if (rated.some((unit) => unit.some((value) => !Number.isFinite(value))))
    return refused("a rating is not finite");
  const values = [...new Set(rated.flat())].sort((a, b) => a - b);
  if (values.length === 0) return refused("no item has two ratings");
  if (values.length === 1) return refused("only one value is used: agreement by chance is certain");
  if (scale === "ratio" && values.some((value) => value < 0))
    return refused("a ratio scale has no negative values");
  const index = new Map(values.map((value, i) => [value, i]));
  const coincidences = values.map(() => values.map(() => 0));
  for (const unit of rated)
    addUnit(
      coincidences,
      unit.map((value) => index.get(value) as number),
    );
  const totals = coincidences.map(sum);
  const n = sum(totals);
  const distances = distanceTable(values, totals, scale);
  const over = (f: (c: number, k: number) => number): number =>
    sumOf(values, (_c, c) => sumOf(values, (_k, k) => f(c, k) * (distances[c]?.[k] ?? 0)));
  const observed = over((c, k) => coincidences[c]?.[k] ?? 0);
  const expected = over((c, k) => (totals[c] as number) * (totals[k] as number));
  const estimate = 1 - ((n - 1) * observed) / expected;
  return { kind: "agreement", estimator: `krippendorff-${scale}@1`, n: rated.length, estimate };
}

/** Each ordered pair of ratings of one item counts 1/(m − 1). */
function addUnit(coincidences: number[][], unit: readonly number[]): void {
  unit.forEach((c, i) => {
    unit.forEach((k, j) => {
      const row = coincidences[c] as number[];
      if (i !== j) row[k] = (row[k] as number) + 1 / (unit.length - 1);
    });
  });
}

function distanceTable(
  values: readonly number[],
  totals: readonly number[],
  scale: Scale,
): readonly number[][] {
  return values.map((a, c) =>
    values.map((b, k) => {
      if (c === k) return 0;
      if (scale === "nominal") return 1;
      if (scale === "interval") return (a - b) * (a - b);
      if (scale === "ratio") return ((a - b) / (a + b)) ** 2;
      const between = sum(totals.slice(Math.min(c, k), Math.max(c, k) + 1));
      return (between - ((totals[c] as number) + (totals[k] as number)) / 2) ** 2;
    }),
  );
}
