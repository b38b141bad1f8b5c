import { tLower, tUpper, tUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { midRanks } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

const EXACT_UP_TO = 14;

/**
 * Brunner–Munzel test of chance ½ that a candidate value exceeds a baseline value (ties ½),
 * unequal spread allowed. Up to 14 values in all by listing every split of the pooled values
 * (studentised permutation), else t with Satterthwaite's df, which is refused under complete
 * separation, where its variance is 0. Source: Brunner & Munzel 2000; Neubert & Brunner 2007.
 * Worked value: baseline [1, 2, 3], candidate [4, 5, 6]: pGreater 1/20.
 */
export function brunnerMunzel(baseline: readonly number[], candidate: readonly number[]): Test | Refused {
  const bad = badValues(baseline, 2) ?? badValues(candidate, 2);
  if (bad) return bad;
  const n = baseline.length + candidate.length;
  const pooled = [...baseline, ...candidate];
  if (pooled.every((value) => value === pooled[0])) return refused("all values are equal");
  if (n <= EXACT_UP_TO) {
    const statistic = studentised(baseline, candidate);
    const tails = allSplits(pooled, baseline.length, statistic);
    return testOf({ test: "brunner-munzel-exact@1", n, statistic, nullValue: 0.5, ...tails });
  }
  const fit = stochasticOrder(baseline, candidate);
  if ("kind" in fit) return fit;
  const statistic = (fit.chance - 0.5) / fit.standardError;
  const tails = { pGreater: tUpper(statistic, fit.df), pLess: tLower(statistic, fit.df) };
  return testOf({ test: "brunner-munzel@1", n, statistic, nullValue: 0.5, ...tails });
}

/** The statistic; under complete separation the largest double, signed, so that it still has an order. */
function studentised(baseline: readonly number[], candidate: readonly number[]): number {
  const fit = stochasticOrder(baseline, candidate);
  if (!("kind" in fit)) return (fit.chance - 0.5) / fit.standardError;
  const direction = Math.sign((candidate[0] as number) - (baseline[0] as number));
  return direction * Number.MAX_VALUE;
}

/** Shares of all splits of the pooled values whose statistic is at least, and at most, the observed. */
function allSplits(
  pooled: readonly number[],
  size: number,
  observed: number,
): { readonly pGreater: number; readonly pLess: number } {
  let [splits, atLeast, atMost] = [0, 0, 0];
  const slack = Math.min(1e-10, 1e-10 * Math.abs(observed));
  for (let mask = 0; mask < 2 ** pooled.length; mask++) {
    const first = pooled.filter((_, i) => mask & (1 << i));
    if (first.length !== size) continue;
    const statistic = studentised(
      first,
      pooled.filter((_, i) => !(mask & (1 << i))),
    );
    splits++;
    if (statistic >= observed - slack) atLeast++;
    if (statistic <= observed + slack) atMost++;
  }
  return { pGreater: atLeast / splits, pLess: atMost / splits };
}

/** The interval of that chance; not cut at 0 and 1. */
export function chanceGreater(
  baseline: readonly number[],
  candidate: readonly number[],
  alpha: number,
): Estimate | Refused {
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const fit = stochasticOrder(baseline, candidate);
  if ("kind" in fit) return fit;
  const half = tUpperQuantile(alpha, fit.df) * fit.standardError;
  return estimateOf({
    estimator: "brunner-munzel@1",
    n: baseline.length + candidate.length,
    estimate: fit.chance,
    lower: fit.chance - half,
    upper: fit.chance + half,
    alpha,
    standardError: fit.standardError,
    degreesOfFreedom: fit.df,
  });
}

interface Fit {
  readonly chance: number;
  readonly standardError: number;
  readonly df: number;
}

function stochasticOrder(baseline: readonly number[], candidate: readonly number[]): Fit | Refused {
  const bad = badValues(baseline, 2) ?? badValues(candidate, 2);
  if (bad) return bad;
  const [m, k] = [baseline.length, candidate.length];
  const pooled = midRanks([...baseline, ...candidate]).ranks;
  const a = placements(pooled.slice(0, m), baseline);
  const b = placements(pooled.slice(m), candidate);
  // Variance of the estimated chance: S²/(m·k²) summed over both arms.
  const [partA, partB] = [a.variance / (m * k * k), b.variance / (k * m * m)];
  if (!(partA + partB > 0)) return refused("complete separation or no spread: the variance is 0");
  const df = ((partA + partB) * (partA + partB)) / ((partA * partA) / (m - 1) + (partB * partB) / (k - 1));
  const chance = (b.mean - (k + 1) / 2) / m;
  return { chance, standardError: Math.sqrt(partA + partB), df };
}

/** Mean pooled rank of an arm, and the variance of pooled rank minus own rank. */
function placements(
  pooled: readonly number[],
  values: readonly number[],
): { mean: number; variance: number } {
  const own = midRanks(values).ranks;
  const n = values.length;
  const mean = sumOf(pooled, (rank) => rank) / n;
  const squares = sumOf(pooled, (rank, i) => (rank - (own[i] as number) - mean + (n + 1) / 2) ** 2);
  return { mean, variance: squares / (n - 1) };
}
