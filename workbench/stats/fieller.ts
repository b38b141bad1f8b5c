import { tUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { covariance, momentsOf } from "./moments.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * Fieller's interval of the ratio of two paired means, candidate/baseline, t with n − 1 df:
 * the roots of (b̄ − θā)² = t²·(V_b − 2θV_ab + θ²V_a).
 * Refused when ā is not clearly away from 0 (g = t²V_a/ā² ≥ 1): the interval is then unbounded.
 * Source: Fieller 1954. Worked value: A [9, 10, 11, 10], B [10, 11, 12, 12]
 * at alpha 0.025: 1.125.
 */
export function fieller(
  baseline: readonly number[],
  candidate: readonly number[],
  alpha: number,
): Estimate | Refused {
  const bad = badValues(baseline, 2) ?? badValues(candidate, 2) ?? badAlpha(alpha);
  if (bad) return bad;
  if (baseline.length !== candidate.length) {
    return refused(`arms differ in length: ${baseline.length} and ${candidate.length}`);
  }
  const n = baseline.length;
  const a = momentsOf(baseline);
  const b = momentsOf(candidate);
  const t = tUpperQuantile(alpha, n - 1);
  const square = (t * t) / n;
  const leading = a.mean * a.mean - square * a.variance;
  if (!(leading > 0)) return refused("the baseline mean is not clearly different from 0");
  const middle = a.mean * b.mean - square * covariance(baseline, candidate);
  const constant = b.mean * b.mean - square * b.variance;
  const spread = Math.sqrt(Math.max(0, middle * middle - leading * constant));
  return estimateOf({
    estimator: "fieller@1",
    n,
    estimate: b.mean / a.mean,
    lower: (middle - spread) / leading,
    upper: (middle + spread) / leading,
    alpha,
    degreesOfFreedom: n - 1,
  });
}
