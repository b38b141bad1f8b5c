import { normalLower, normalUpper } from "./distribution.ts";
import { testOf, type Test } from "./estimate.ts";
import { badCount } from "./input.ts";
import type { ArmCount } from "./newcombe.ts";
import { refused, type Refused } from "./refused.ts";
import { root } from "./root.ts";

/**
 * Farrington–Manning score test that pB − pA of two independent arms equals `nullValue`
 * (−margin for non-inferiority): the standard error is taken at the maximum-likelihood rates
 * under that restriction. Source: Farrington & Manning, Statistics in Medicine 9 (1990).
 * Worked value: 80/100 against 85/100 at −0.1 gives z 0.9271 (candidate 80).
 */
export function farringtonManning(
  baseline: ArmCount,
  candidate: ArmCount,
  nullValue: number,
): Test | Refused {
  const bad =
    badCount(baseline.events, baseline.trials, "baseline trial") ??
    badCount(candidate.events, candidate.trials, "candidate trial");
  if (bad) return bad;
  if (!(Math.abs(nullValue) < 1)) return refused(`null difference must lie in (-1, 1), got ${nullValue}`);
  const a = restrictedRate(baseline, candidate, nullValue);
  const b = a + nullValue;
  const variance = (a * (1 - a)) / baseline.trials + (b * (1 - b)) / candidate.trials;
  if (!(variance > 0)) return refused("no variation under the null: every unit agrees");
  const top = candidate.events / candidate.trials - baseline.events / baseline.trials - nullValue;
  const statistic = top / Math.sqrt(variance);
  const tails = { pGreater: normalUpper(statistic), pLess: normalLower(statistic) };
  const n = baseline.trials + candidate.trials;
  return testOf({ test: "farrington-manning@1", n, statistic, nullValue, ...tails });
}

/** The baseline rate that maximises the likelihood with the candidate's at rate + delta. */
function restrictedRate(baseline: ArmCount, candidate: ArmCount, delta: number): number {
  const slope = (p: number): number => armSlope(baseline, p) + armSlope(candidate, p + delta);
  return root(slope, Math.max(0, -delta), Math.min(1, 1 - delta));
}

/** d/dp of one arm's log-likelihood; ±∞ at an end that the counts exclude. */
function armSlope({ events, trials }: ArmCount, p: number): number {
  const misses = trials - events;
  const up = events === 0 ? 0 : events / Math.max(0, p);
  const down = misses === 0 ? 0 : misses / Math.max(0, 1 - p);
  return up - down;
}
