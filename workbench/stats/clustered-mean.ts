import { tLower, tUpper, tUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/** Values of independent clusters (conversation, task, user); without `clusters` each value is its own. */
export interface ClusteredValues {
  readonly values: readonly number[];
  readonly clusters?: readonly (string | number)[] | undefined;
}

/**
 * Mean with a cluster-robust standard error and a t interval with C − 1 degrees of freedom.
 * SE = √(C/(C−1) · Σ over clusters (Σ(dᵢ − d̄))²)/n; with one value a cluster this is s/√n.
 * Refused: C < 2, values that are all equal, non-finite values.
 * Source: Liang & Zeger 1986; Miller 2024. Worked value: [1, 2, 3, 4] gives 2.5, 0.4457…4.5543.
 */
export function clusteredMean(input: ClusteredValues, alpha: number): Estimate | Refused {
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const fit = clusteredFit(input);
  if ("kind" in fit) return fit;
  const half = tUpperQuantile(alpha, fit.clusters - 1) * fit.standardError;
  return estimateOf({
    estimator: "clustered-t@1",
    n: fit.n,
    estimate: fit.mean,
    lower: fit.mean - half,
    upper: fit.mean + half,
    alpha,
    standardError: fit.standardError,
    degreesOfFreedom: fit.clusters - 1,
    clusters: fit.clusters,
  });
}

/** The t test (C − 1 degrees of freedom) that the mean equals `nullValue`. */
export function clusteredTest(input: ClusteredValues, nullValue: number): Test | Refused {
  const fit = clusteredFit(input);
  if ("kind" in fit) return fit;
  const statistic = (fit.mean - nullValue) / fit.standardError;
  const df = fit.clusters - 1;
  const tails = { pGreater: tUpper(statistic, df), pLess: tLower(statistic, df) };
  return testOf({ test: "clustered-t@1", n: fit.n, statistic, nullValue, ...tails });
}

interface Fit {
  readonly n: number;
  readonly clusters: number;
  readonly mean: number;
  readonly standardError: number;
}

function clusteredFit({ values, clusters }: ClusteredValues): Fit | Refused {
  const bad = badValues(values, 2);
  if (bad) return bad;
  if (clusters && clusters.length !== values.length) {
    return refused(`${values.length} values but ${clusters.length} cluster names`);
  }
  const n = values.length;
  const mean = sumOf(values, (value) => value) / n;
  const residuals = residualSums(values, clusters, mean);
  const count = residuals.length;
  if (count < 2) return refused("fewer than 2 clusters: no variation between them can be seen");
  if (values.every((value) => value === values[0])) {
    return refused("all values are equal: no variation to measure");
  }
  const squares = sumOf(residuals, (value) => value * value);
  const standardError = Math.sqrt((count / (count - 1)) * squares) / n;
  if (!(standardError > 1e-14 * Math.abs(mean))) return refused("cluster sums do not vary");
  return { n, clusters: count, mean, standardError };
}

/** Σ(d − d̄) per cluster, in order of first appearance. */
function residualSums(
  values: readonly number[],
  clusters: readonly (string | number)[] | undefined,
  mean: number,
): number[] {
  if (!clusters) return values.map((value) => value - mean);
  const index = new Map<string | number, number>();
  const sums: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const name = clusters[i] as string | number;
    const at = index.get(name) ?? sums.length;
    if (at === sums.length) index.set(name, at);
    sums[at] = (sums[at] ?? 0) + ((values[i] as number) - mean);
  }
  return sums;
}
