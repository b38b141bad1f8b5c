import { badValues } from "./input.ts";
import { quantile } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * Values with those above the p-quantile set to it (P99.9 for costs and latencies): shown beside
 * the raw mean, never instead of it. Worked value: [1, 2, 3, 100] at p 0.5 gives [1, 2, 2.5, 2.5].
 */
export function winsorised(values: readonly number[], p = 0.999): readonly number[] | Refused {
  const bad = badValues(values, 1);
  if (bad) return bad;
  const top = quantile(values, p);
  return typeof top === "number" ? values.map((value) => Math.min(value, top)) : refused(top.reason);
}
