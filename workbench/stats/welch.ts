import { tLower, tUpper, tUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import type { Moments } from "./moments.ts";
import { refused, type Refused } from "./refused.ts";

/** Two independent arms by count, mean and variance (which SQL can deliver). */
export interface TwoArms {
  readonly baseline: Moments;
  readonly candidate: Moments;
  /** Contrast candidate − ratio·baseline: 1 (default) the difference, 1.05 "at most 5 % more". */
  readonly ratio?: number;
}

/**
 * Welch's interval of B̄ − k·Ā with √(sB²/nB + k²·sA²/nA) and Satterthwaite's df; raw values, unequal spread.
 * Refused: fewer than 2 values in an arm, no spread in both. Source: Welch 1947.
 * Worked value: A = 1…5, B = 2, 4, …, 10 give 3, −0.8877…6.8877 at alpha 0.025.
 */
export function welch(arms: TwoArms, alpha: number): Estimate | Refused {
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const fit = contrast(arms);
  if ("kind" in fit) return fit;
  const half = tUpperQuantile(alpha, fit.df) * fit.standardError;
  return estimateOf({
    estimator: "welch@1",
    n: arms.baseline.n + arms.candidate.n,
    estimate: fit.value,
    lower: fit.value - half,
    upper: fit.value + half,
    alpha,
    standardError: fit.standardError,
    degreesOfFreedom: fit.df,
  });
}

/** Welch's t test that candidate − ratio·baseline equals `nullValue`. */
export function welchTest(arms: TwoArms, nullValue: number): Test | Refused {
  const fit = contrast(arms);
  if ("kind" in fit) return fit;
  const statistic = (fit.value - nullValue) / fit.standardError;
  const tails = { pGreater: tUpper(statistic, fit.df), pLess: tLower(statistic, fit.df) };
  return testOf({ test: "welch@1", n: arms.baseline.n + arms.candidate.n, statistic, nullValue, ...tails });
}

interface Fit {
  readonly value: number;
  readonly standardError: number;
  readonly df: number;
}

function contrast({ baseline, candidate, ratio = 1 }: TwoArms): Fit | Refused {
  for (const arm of [baseline, candidate]) {
    if (!(arm.n >= 2)) return refused(`an arm has ${arm.n} values where at least 2 are needed`);
    if (!Number.isFinite(arm.mean) || !Number.isFinite(arm.variance) || arm.variance < 0) {
      return refused("mean or variance of an arm is not finite");
    }
  }
  if (!(ratio > 0 && Number.isFinite(ratio))) return refused(`ratio must be positive, got ${ratio}`);
  const a = (ratio * ratio * baseline.variance) / baseline.n;
  const b = candidate.variance / candidate.n;
  if (!(a + b > 0)) return refused("no spread in either arm");
  const df = ((a + b) * (a + b)) / ((a * a) / (baseline.n - 1) + (b * b) / (candidate.n - 1));
  return { value: candidate.mean - ratio * baseline.mean, standardError: Math.sqrt(a + b), df };
}
