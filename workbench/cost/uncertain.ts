import type { Uncertain } from "../schema/scenario.ts";
import { betaQuantile, normalUpperQuantile } from "../stats/distribution.ts";
import { exp, ln } from "../stats/elementary.ts";

/** Standard normal quantile of 0.9. */
const Z90 = 1.2815515655446004;

/**
 * The value that a share `p` of cases stays below. PERT is a beta on [low, high] with
 * a = 1 + 4(likely − low)/(high − low), b = 1 + 4(high − likely)/(high − low) (Malcolm et al. 1959), so
 * its mean is (low + 4·likely + high)/6. A lognormal is told by its p10 and p90.
 * Worked values: {low: 0, likely: 1, high: 2} has the median 1; {p10: 1, p90: 100} has 10.
 */
export function quantileOf(value: Uncertain, p: number): number {
  if (typeof value === "number") return value;
  if ("p10" in value) {
    const [a, b] = [ln(value.p10), ln(value.p90)];
    return exp((a + b) / 2 - ((b - a) / (2 * Z90)) * normalUpperQuantile(p));
  }
  const { low, likely, high } = value;
  const span = high - low;
  const [a, b] = [1 + (4 * (likely - low)) / span, 1 + (4 * (high - likely)) / span];
  return low + span * betaQuantile(p, a, b);
}

const STEPS = 2048;

/**
 * The same by linear interpolation between 2,049 quantiles, 10⁻⁴ to 1 − 10⁻⁴ at its ends: 10,000
 * draws of a beta need no 10,000 inversions. Draws beyond are held at the ends.
 */
export function quantileTable(value: Uncertain): (p: number) => number {
  if (typeof value === "number") return () => value;
  const at = (i: number): number => Math.min(1 - 1e-4, Math.max(1e-4, i / STEPS));
  const knots = Float64Array.from({ length: STEPS + 1 }, (_, i) => quantileOf(value, at(i)));
  return (p) => {
    const place = Math.min(STEPS - 1e-9, Math.max(0, p * STEPS));
    const below = Math.floor(place);
    const [a, b] = [knots[below] ?? 0, knots[below + 1] ?? 0];
    return a + (b - a) * (place - below);
  };
}
