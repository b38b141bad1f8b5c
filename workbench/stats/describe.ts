import { extent } from "d3-array";
import { sampleSkewness, standardDeviation } from "simple-statistics";
import { badValues } from "./input.ts";
import { quantile } from "./ranked.ts";
import type { Refused } from "./refused.ts";
import { sum } from "./sum.ts";

/** What a table shows of one column of numbers; quantiles are of type 7. */
export interface Description {
  readonly kind: "description";
  readonly n: number;
  readonly mean: number;
  /** Spread of these values about their mean (divisor n), not an error of the mean. */
  readonly deviation: number;
  /** Null below three values or without spread. */
  readonly skewness: number | null;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Describes finite values. Worked value: `describe([1, 2, 3, 4])` has mean 2.5 and p50 2.5. */
export function describe(values: readonly number[]): Description | Refused {
  const bad = badValues(values, 1);
  if (bad) return bad;
  const list = [...values];
  const [min = 0, max = 0] = extent(list);
  const at = (p: number): number => quantile(list, p) as number;
  return {
    kind: "description",
    n: list.length,
    mean: sum(list) / list.length,
    deviation: standardDeviation(list),
    skewness: list.length < 3 || min === max ? null : sampleSkewness(list),
    min,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max,
  };
}
