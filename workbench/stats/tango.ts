import { normalLower, normalUpper, normalUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import { pairsOf, type PairedCounts } from "./paired-counts.ts";
import { refused, type Refused } from "./refused.ts";
import { root } from "./root.ts";

/**
 * Tango's score interval for the difference of two paired proportions, candidate − baseline.
 * Assumes independent pairs (no clusters, one answer a pair). All ties give ±z²/(n+z²), not [0, 0].
 * Source: Tango, Statistics in Medicine 17 (1998) 891–908; limits are the roots of the score.
 * Worked value: 64 baseline-only and 293 candidate-only of 1,319 give 0.1736, 0.1474…0.2004.
 */
export function tangoInterval(counts: PairedCounts, alpha: number): Estimate | Refused {
  const n = pairsOf(counts);
  if (typeof n !== "number") return n;
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const z = normalUpperQuantile(alpha);
  const score = (delta: number): number => tangoScore(counts, n, delta);
  const estimate = (counts.candidateOnly - counts.baselineOnly) / n;
  return estimateOf({
    estimator: "tango@1",
    n,
    estimate,
    lower: root((delta) => score(delta) - z, -1, estimate),
    upper: root((delta) => score(delta) + z, estimate, 1),
    alpha,
  });
}

/**
 * Tango's score test that the difference candidate − baseline equals `nullValue` (−margin for
 * non-inferiority: read `pGreater`). `nullValue` 0 is McNemar's test without correction.
 */
export function tangoTest(counts: PairedCounts, nullValue: number): Test | Refused {
  const n = pairsOf(counts);
  if (typeof n !== "number") return n;
  if (!(Math.abs(nullValue) < 1)) return refused(`null difference must lie in (-1, 1), got ${nullValue}`);
  if (nullValue === 0 && counts.candidateOnly + counts.baselineOnly === 0) {
    return refused("no discordant pair: the score at a difference of 0 is 0/0");
  }
  const statistic = tangoScore(counts, n, nullValue);
  const tails = { pGreater: normalUpper(statistic), pLess: normalLower(statistic) };
  return testOf({ test: "tango-score@1", n, statistic, nullValue, ...tails });
}

/** (c − b − nΔ)/√(n·V) with V the variance of one pair at Δ. */
function tangoScore(counts: PairedCounts, n: number, delta: number): number {
  const { candidateOnly: plus, baselineOnly: minus } = counts;
  const top = plus - minus - n * delta;
  if (top === 0) return 0;
  const variance = n * restrictedVariance({ plus, minus, n }, delta);
  return variance > 0 ? top / Math.sqrt(variance) : top * Infinity;
}

/** Pairs won and lost of n; shares where n is 1. */
export interface Discordant {
  readonly plus: number;
  readonly minus: number;
  readonly n: number;
}

/**
 * Variance of one pair's difference if the true difference were Δ: 2q̃ + Δ(1−Δ), q̃ the restricted
 * MLE of the baseline-only cell. Source: Tango 1998. Worked value: 20 % discordance without effect
 * (plus 0.1, minus 0.1, n 1) has variance 0.2 at Δ = 0 and 0.20704 at Δ = −0.05.
 */
export function restrictedVariance({ plus, minus, n }: Discordant, delta: number): number {
  const linear = -plus - minus + (2 * n - plus + minus) * delta;
  const constant = -minus * delta * (1 - delta);
  const discriminant = Math.sqrt(Math.max(0, linear * linear - 8 * n * constant));
  // Two algebraically equal forms: each avoids subtracting nearly equal numbers.
  const q = linear <= 0 ? (discriminant - linear) / (4 * n) : (-2 * constant) / (discriminant + linear);
  return 2 * q + delta * (1 - delta);
}
