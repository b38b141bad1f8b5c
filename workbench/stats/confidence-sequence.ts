import { ln } from "./elementary.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { refused, type Refused } from "./refused.ts";

/** A running mean (of independent units or differences) at one look. */
export interface RunningMean {
  readonly n: number;
  readonly mean: number;
  readonly deviation: number;
}

/** `tightAt` is the n at which the sequence is narrowest; fixed before the data. */
export interface SequencePlan {
  readonly alpha: number;
  readonly tightAt: number;
}

/**
 * Asymptotic confidence sequence: valid at every look at once, so that peeking costs nothing.
 * Half-width σ̂·√(2(nρ²+1)/(n²ρ²)·ln(√(nρ²+1)/a)), a = 2·alpha two-sided,
 * ρ² = (−2 ln a + ln(1 − 2 ln a))/N*. Source: Waudby-Smith et al., arXiv 2103.06476.
 * Worked value: n 1000, SD 1, alpha 0.025, tight at 1000: half-width 0.0960.
 */
export function confidenceSequence(look: RunningMean, plan: SequencePlan): Estimate | Refused {
  const bad = badLook(look, plan);
  if (bad) return bad;
  const { n, mean, deviation } = look;
  const spread = n * rhoSquared(2 * plan.alpha, plan.tightAt) + 1;
  const half = halfWidth(look, spread, ln(Math.sqrt(spread) / (2 * plan.alpha)));
  return estimateOf({
    estimator: "confidence-sequence@1",
    n,
    estimate: mean,
    lower: mean - half,
    upper: mean + half,
    alpha: plan.alpha,
    standardError: deviation / Math.sqrt(n),
  });
}

/**
 * The one-sided lower sequence at `alpha`: ln(1 + √(nρ²+1)/(2·alpha)) in place of the logarithm,
 * as in the same source. Its limit is a bound for a harm trigger.
 */
export function lowerConfidenceSequence(look: RunningMean, plan: SequencePlan): number | Refused {
  const bad = badLook(look, plan);
  if (bad) return bad;
  const spread = look.n * rhoSquared(2 * plan.alpha, plan.tightAt) + 1;
  return look.mean - halfWidth(look, spread, ln(1 + Math.sqrt(spread) / (2 * plan.alpha)));
}

function rhoSquared(a: number, tightAt: number): number {
  return (-2 * ln(a) + ln(1 - 2 * ln(a))) / tightAt;
}

function halfWidth({ n, deviation }: RunningMean, spread: number, logarithm: number): number {
  return deviation * Math.sqrt(((2 * spread) / (n * (spread - 1))) * logarithm);
}

function badLook({ n, mean, deviation }: RunningMean, { alpha, tightAt }: SequencePlan): Refused | undefined {
  if (!(n >= 2)) return refused(`a look needs at least 2 units, got ${n}`);
  if (!Number.isFinite(mean)) return refused("the mean is not finite");
  if (!(deviation > 0 && Number.isFinite(deviation))) return refused("the values do not vary");
  if (!(alpha > 0 && alpha < 0.5)) return refused(`alpha must lie between 0 and 0.5, got ${alpha}`);
  return tightAt >= 1 ? undefined : refused(`tightAt must be at least 1, got ${tightAt}`);
}
