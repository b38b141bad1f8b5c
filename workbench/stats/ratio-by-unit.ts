import { tUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { covariance, momentsOf } from "./moments.ts";
import { refused, type Refused } from "./refused.ts";

/** Per randomised unit (user): its sum of the metric and its count of requests. */
export interface UnitSums {
  readonly numerators: readonly number[];
  readonly denominators: readonly number[];
}

/** A ratio of sums with its variance by the delta method. */
export interface UnitRatio {
  readonly kind: "unit-ratio";
  readonly units: number;
  readonly ratio: number;
  readonly variance: number;
}

/**
 * Ratio of sums over randomised units, var R = (s²N − 2R·sND + R²·s²D)/(m·D̄²).
 * Requests of one user are not independent: the user is the unit. Source: Deng, Knoblich & Lu 2018.
 * Worked value: N [1, 2, 6], D [1, 2, 3]: ratio 1.5, variance 0.1458.
 */
export function ratioByUnit({ numerators, denominators }: UnitSums): UnitRatio | Refused {
  const bad = badValues(numerators, 2, "unit") ?? badValues(denominators, 2, "unit");
  if (bad) return bad;
  if (numerators.length !== denominators.length)
    return refused("numerators and denominators differ in length");
  const top = momentsOf(numerators);
  const below = momentsOf(denominators);
  if (!(below.mean > 0)) return refused("denominators must have a positive mean");
  const ratio = top.mean / below.mean;
  const spread =
    top.variance - 2 * ratio * covariance(numerators, denominators) + ratio * ratio * below.variance;
  const variance = Math.max(0, spread) / (top.n * below.mean * below.mean);
  return { kind: "unit-ratio", units: top.n, ratio, variance };
}

/**
 * Contrast candidate − ratio·baseline of two such ratios, t interval with Satterthwaite's df over
 * users. `ratio` 1 is the difference, 0.95 the contrast of a relative margin.
 */
export function ratioContrast(
  baseline: UnitRatio,
  candidate: UnitRatio,
  { alpha, ratio = 1 }: { readonly alpha: number; readonly ratio?: number },
): Estimate | Refused {
  const bad = badAlpha(alpha);
  if (bad) return bad;
  if (!(ratio > 0 && Number.isFinite(ratio))) return refused(`ratio must be positive, got ${ratio}`);
  const a = ratio * ratio * baseline.variance;
  const b = candidate.variance;
  if (!(a + b > 0)) return refused("no spread in either arm");
  const df = ((a + b) * (a + b)) / ((a * a) / (baseline.units - 1) + (b * b) / (candidate.units - 1));
  const estimate = candidate.ratio - ratio * baseline.ratio;
  const standardError = Math.sqrt(a + b);
  const half = tUpperQuantile(alpha, df) * standardError;
  const n = baseline.units + candidate.units;
  const limits = { lower: estimate - half, upper: estimate + half };
  const spread = { standardError, degreesOfFreedom: df };
  return estimateOf({ estimator: "delta-ratio@1", n, estimate, ...limits, alpha, ...spread });
}
