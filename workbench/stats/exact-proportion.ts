import { betaQuantile } from "./distribution.ts";
import { exp, expm1, ln } from "./elementary.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badCount } from "./input.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * Clopper–Pearson interval of one proportion: exact, conservative, for rare events.
 * lower = Beta⁻¹(α; x, n−x+1), upper = Beta⁻¹(1−α; x+1, n−x). Source: Clopper & Pearson 1934.
 * Worked value: 0 of 59 at alpha 0.05 has the upper limit 0.0495.
 */
export function clopperPearson(events: number, trials: number, alpha: number): Estimate | Refused {
  const bad = badCount(events, trials) ?? badAlpha(alpha);
  if (bad) return bad;
  const [x, n] = [events, trials];
  const lower = x === 0 ? 0 : x === n ? exp(ln(alpha) / n) : betaQuantile(alpha, x, n - x + 1);
  // For x < n the upper limit is the mirror image of the lower limit of the misses.
  const mirrored = (): number => 1 - betaQuantile(alpha, n - x, x + 1);
  const upper = x === n ? 1 : x === 0 ? zeroBound(n, alpha) : mirrored();
  return estimateOf({ estimator: "clopper-pearson@1", n, estimate: x / n, lower, upper, alpha });
}

/**
 * The exact upper bound of a rate after no event in n trials, 1 − α^(1/n): the "rule of three".
 * Source: Hanley & Lippman-Hand 1983. Worked values at alpha 0.05: 0 of 59 is below 5 %,
 * 0 of 299 below 1 %. 0 of 0 is refused.
 */
export function zeroEventBound(trials: number, alpha: number): number | Refused {
  const bad = badCount(0, trials);
  if (bad) return bad;
  if (!(alpha > 0 && alpha < 1)) return refused(`alpha must lie between 0 and 1, got ${alpha}`);
  return zeroBound(trials, alpha);
}

function zeroBound(n: number, alpha: number): number {
  return -expm1(ln(alpha) / n);
}
