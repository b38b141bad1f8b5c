import { normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badCount } from "./input.ts";
import type { Refused } from "./refused.ts";

/**
 * Wilson's score interval of one proportion, for independent yes/no units.
 * (p̂ + z²/2n ± z√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n), never [0, 0] at no events.
 * Source: Wilson 1927. Worked value: 56 of 70 at alpha 0.025 gives 0.6918…0.8769.
 */
export function wilson(events: number, trials: number, alpha: number): Estimate | Refused {
  const bad = badCount(events, trials) ?? badAlpha(alpha);
  if (bad) return bad;
  const { lower, upper } = wilsonLimits(events, trials, normalUpperQuantile(alpha));
  return estimateOf({ estimator: "wilson@1", n: trials, estimate: events / trials, lower, upper, alpha });
}

/** The two limits for a given normal quantile z; at no misses the upper limit is exactly 1. */
export function wilsonLimits(
  events: number,
  trials: number,
  z: number,
): { readonly lower: number; readonly upper: number } {
  const misses = trials - events;
  const square = z * z;
  const spread = z * Math.sqrt((events * misses) / trials + square / 4);
  // The lower root is written as constant over upper root, which keeps its digits near zero.
  const lower = (events * events) / trials / (events + square / 2 + spread);
  return { lower, upper: Math.min(1, (events + square / 2 + spread) / (trials + square)) };
}
