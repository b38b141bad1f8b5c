import { tUpperQuantile } from "../stats/distribution.ts";
import { exp, ln } from "../stats/elementary.ts";
import { momentsOf } from "../stats/moments.ts";
import { seeded, type Random } from "../stats/random.ts";
import { refused, type Refused } from "../stats/refused.ts";
import { sum } from "../stats/sum.ts";
import { DAYS_PER_MONTH } from "./projection.ts";

/** What each user's logged requests cost together, over a window of whole days. */
export interface LoggedUsers {
  readonly usdByUser: readonly number[];
  readonly days: number;
}

/** USD a month, and where a later window of logs, scaled to a month, will lie. */
export interface MonthFromLogs {
  readonly usdPerMonth: number;
  readonly lower: number;
  readonly upper: number;
  readonly level: number;
  readonly users: number;
}

export interface IntervalPlan {
  readonly laterDays: number;
  readonly level: number;
  readonly seed: number;
  /** Default 2,000. */
  readonly replicates?: number;
}

/**
 * A month of logged traffic with a prediction interval for the total of a later window of `laterDays`
 * days, scaled to a month. Users are the clusters, so that one who asks much counts once: both windows are
 * redrawn as compound Poisson sums over users (a Poisson bootstrap), and the spread of ln(later/past),
 * times Student's t, is laid around the estimate. It assumes that the users to come are drawn as these were, and no growth.
 * Refused below 10 users: their spread tells too little.
 */
export function monthFromLogs(
  { usdByUser, days }: LoggedUsers,
  { laterDays, level, seed, replicates = 2000 }: IntervalPlan,
): MonthFromLogs | Refused {
  if (!(days > 0) || !(laterDays > 0)) return refused("the logs span no whole day");
  if (usdByUser.length < 10)
    return refused(`${usdByUser.length} users are too few for an interval, 10 are needed`);
  const total = sum(usdByUser);
  if (!(total > 0)) return refused("nothing was spent");
  const usdPerMonth = (total / days) * DAYS_PER_MONTH;
  const random = seeded(`month:${seed}`);
  const logRatios: number[] = [];
  for (let i = 0; i < replicates; i++) {
    const past = poissonSum(usdByUser, 1, random) / days;
    const later = poissonSum(usdByUser, laterDays / days, random) / laterDays;
    if (past > 0 && later > 0) logRatios.push(ln(later / past));
  }
  const spread = momentsOf(logRatios);
  if (logRatios.length < 100) return refused("too few users were seen to redraw them");
  // Student's t with users − 1 degrees of freedom: with few users their spread is itself uncertain.
  const df = usdByUser.length - 1;
  const half = tUpperQuantile((1 - level) / 2, df) * Math.sqrt((spread.variance * (df + 1)) / df);
  return {
    usdPerMonth,
    lower: usdPerMonth * exp(-half),
    upper: usdPerMonth * exp(half),
    level,
    users: usdByUser.length,
  };
}

/** Σ wᵤ·xᵤ with wᵤ ~ Poisson(rate), drawn as a Poisson number of users picked at random. */
function poissonSum(values: readonly number[], rate: number, random: Random): number {
  const picked = new Uint32Array(poisson(values.length * rate, random));
  random.fillBelow(picked, values.length);
  let total = 0;
  for (const at of picked) total += values[at] ?? 0;
  return total;
}

/** Knuth's product of uniforms, in steps of at most 30 so that exp(−mean) stays a number. */
function poisson(mean: number, random: Random): number {
  let [count, left] = [0, mean];
  while (left > 0) {
    const step = Math.min(30, left);
    left -= step;
    const floor = exp(-step);
    for (let product = random.uniform(); product > floor; product *= random.uniform()) count++;
  }
  return count;
}
