import { normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badCount } from "./input.ts";
import type { Refused } from "./refused.ts";
import { wilsonLimits } from "./wilson.ts";

/** Yes/no units of one independent arm. */
export interface ArmCount {
  readonly events: number;
  readonly trials: number;
}

/**
 * Newcombe's interval (method 10) of the difference of two independent proportions,
 * candidate − baseline: squares of the Wilson distances are added.
 * Source: Newcombe, Statistics in Medicine 17 (1998) 873–890.
 * Worked value: candidate 56/70, baseline 48/80 at alpha 0.025 give 0.2, 0.0524…0.3339.
 */
export function newcombe(baseline: ArmCount, candidate: ArmCount, alpha: number): Estimate | Refused {
  const bad =
    badCount(baseline.events, baseline.trials, "baseline trial") ??
    badCount(candidate.events, candidate.trials, "candidate trial") ??
    badAlpha(alpha);
  if (bad) return bad;
  const z = normalUpperQuantile(alpha);
  const a = baseline.events / baseline.trials;
  const b = candidate.events / candidate.trials;
  const limitsA = wilsonLimits(baseline.events, baseline.trials, z);
  const limitsB = wilsonLimits(candidate.events, candidate.trials, z);
  return estimateOf({
    estimator: "newcombe@1",
    n: baseline.trials + candidate.trials,
    estimate: b - a,
    lower: b - a - length(b - limitsB.lower, limitsA.upper - a),
    upper: b - a + length(limitsB.upper - b, a - limitsA.lower),
    alpha,
  });
}

function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
