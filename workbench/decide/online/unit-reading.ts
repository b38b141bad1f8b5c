import { normalLower, normalUpper, normalUpperQuantile, tUpperQuantile } from "../../stats/distribution.ts";
import type { Estimate, Test } from "../../stats/estimate.ts";
import { farringtonManning } from "../../stats/farrington-manning.ts";
import { ratioFromSums } from "../../stats/integer-sums.ts";
import { groupQuantile } from "../../stats/group-quantile.ts";
import { newcombe } from "../../stats/newcombe.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";
import { stratifiedRatio, stratifiedRatioTest } from "../../stats/stratified-ratio.ts";
import { wilsonLimits } from "../../stats/wilson.ts";
import type { Distance, Reading } from "../reading.ts";
import type { OnlineMetric } from "./metrics.ts";
import type { QuantileArms } from "./quantile-window.ts";
import { armTotals, ratiosOf, type Stratum } from "./strata.ts";

/** A metric of two independent arms, as it can be read. */
export interface UnitValues {
  readonly metric: OnlineMetric;
  readonly strata: readonly Stratum[];
  readonly quantile: number | null;
  readonly arms: QuantileArms | null;
}

export interface UnitReadOptions {
  /** One-sided level of this look. */
  readonly level: number;
  readonly seed: number;
}

/** Reads a metric against a distance, the randomised unit being what varies (decide.md §2). */
export function readUnits(values: UnitValues, at: Distance, options: UnitReadOptions): Reading | Refused {
  const isRelative = at.kind === "relative" && at.amount !== 0;
  const scale: Scale = {
    on: isRelative ? "contrast" : "difference",
    ratio: isRelative ? 1 + at.amount : 1,
    limit: isRelative ? 0 : at.amount,
  };
  if (values.quantile !== null) return readQuantile(values, scale, options);
  if (values.strata.length === 0) return refused("no stage has two units with this metric in each arm");
  if (values.metric.isBinary && isRare(values.strata)) return readRare(values, scale, options);
  return readRatio(values, scale, options);
}

interface Scale {
  readonly on: "difference" | "contrast";
  readonly ratio: number;
  readonly limit: number;
}

function readRatio(
  { metric, strata }: UnitValues,
  { on, ratio, limit }: Scale,
  { level }: UnitReadOptions,
): Reading | Refused {
  const simple = metric.isBinary && ratio === 1 && Math.abs(limit) < 1 ? oneAnswerEach(strata) : null;
  const { strata: ratios, isAdjusted } = ratiosOf(strata, metric.scale);
  if (simple !== null && !isAdjusted) {
    const { baseline, candidate } = simple;
    const test = farringtonManning(baseline, candidate, limit);
    return reading({ on, limit }, newcombe(baseline, candidate, level), test);
  }
  const estimator = isAdjusted ? "cuped-ratio@1" : "delta-ratio@1";
  const interval = stratifiedRatio(ratios, { alpha: level, ratio, estimator });
  return reading({ on, limit }, interval, stratifiedRatioTest(ratios, limit, ratio));
}

/** Counts of a yes/no metric where every unit answered once, in one stage; null elsewhere. */
function oneAnswerEach(strata: readonly Stratum[]): {
  readonly baseline: { readonly events: number; readonly trials: number };
  readonly candidate: { readonly events: number; readonly trials: number };
} | null {
  const [only] = strata;
  if (only === undefined || strata.length > 1) return null;
  const arms = [only.baseline, only.candidate];
  if (arms.some(({ units, d, dd, q }) => d !== units || dd !== units || q !== "0")) return null;
  const count = ({ n, units }: typeof only.baseline): { events: number; trials: number } => ({
    events: Number(n),
    trials: Number(units),
  });
  return { baseline: count(only.baseline), candidate: count(only.candidate) };
}

/** Below this many events (or misses) in an arm, no normal approximation of a rate is to be trusted. */
const RARE = 20n;

function isRare(strata: readonly Stratum[]): boolean {
  return (["baseline", "candidate"] as const).some((arm) => isRareArm(armTotals(strata, arm)));
}

function isRareArm({
  numerator,
  denominator,
}: {
  readonly numerator: bigint;
  readonly denominator: bigint;
}): boolean {
  return numerator < RARE || denominator - numerator < RARE;
}

/**
 * Few events: Wilson's limits of each such arm on its effective number of units, (ΣD)²/ΣD² (what the calls
 * are worth if a unit's calls always agree), squared and added to the other arm's. At no events that is still
 * an interval: 0 of 3000 is evidence. Sources: Newcombe 1998 (method 10); Kish 1965.
 */
function readRare(
  { metric, strata }: UnitValues,
  { on, ratio, limit }: Scale,
  { level }: UnitReadOptions,
): Reading | Refused {
  const a = armLimits(strata, "baseline", { level, scale: metric.scale });
  const b = armLimits(strata, "candidate", { level, scale: metric.scale });
  if (isRefused(a)) return a;
  if (isRefused(b)) return b;
  const estimate = b.rate - ratio * a.rate;
  const below = Math.hypot(b.rate - b.lower, ratio * (a.upper - a.rate));
  const above = Math.hypot(b.upper - b.rate, ratio * (a.rate - a.lower));
  const z = normalUpperQuantile(level);
  return {
    on,
    limit,
    estimator: "newcombe-units@1",
    estimate,
    lower: estimate - below,
    upper: estimate + above,
    // The side that faces the limit says how far away it is.
    ...tails(estimate - limit, (estimate > limit ? below : above) / z),
  };
}

interface ArmLimits {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

function armLimits(
  strata: readonly Stratum[],
  arm: "baseline" | "candidate",
  { level, scale }: { readonly level: number; readonly scale: number },
): ArmLimits | Refused {
  const totals = armTotals(strata, arm);
  if (isRareArm(totals)) {
    const calls = Number(totals.denominator);
    const rate = Number(totals.numerator) / calls;
    const effective = (calls * calls) / Number(totals.denominatorSquares);
    return { rate, ...wilsonLimits(rate * effective, effective, normalUpperQuantile(level)) };
  }
  const found = ratioFromSums(totals);
  if (isRefused(found)) return found;
  const half = tUpperQuantile(level, found.units - 1) * Math.sqrt(found.variance);
  return {
    rate: found.ratio / scale,
    lower: (found.ratio - half) / scale,
    upper: (found.ratio + half) / scale,
  };
}

function readQuantile(
  { metric, quantile, arms }: UnitValues,
  { on, ratio, limit }: Scale,
  { level, seed }: UnitReadOptions,
): Reading | Refused {
  if (arms === null || quantile === null) return refused("no value of this metric");
  const found = groupQuantile(arms.baseline, arms.candidate, { p: quantile, alpha: level, seed, ratio });
  if (isRefused(found)) return found;
  const own = (value: number): number => value / metric.scale;
  const [estimate, lower, upper] = [own(found.estimate), own(found.lower), own(found.upper)];
  const sides = tails(estimate - limit, own(found.standardError ?? 0));
  return { on, limit, estimator: found.estimator, estimate, lower, upper, ...sides };
}

function tails(distance: number, standardError: number): Pick<Reading, "pAbove" | "pBelow"> {
  if (!(standardError > 0)) return { pAbove: null, pBelow: null };
  const z = distance / standardError;
  return { pAbove: normalUpper(z), pBelow: normalLower(z) };
}

function reading(
  { on, limit }: Pick<Scale, "on" | "limit">,
  interval: Estimate | Refused,
  test: Test | Refused,
): Reading | Refused {
  if (isRefused(interval)) return interval;
  const { estimator, estimate, lower, upper } = interval;
  const sides = isRefused(test) ? null : test;
  return {
    on,
    estimator,
    estimate,
    lower,
    upper,
    limit,
    pAbove: sides?.pGreater ?? null,
    pBelow: sides?.pLess ?? null,
  };
}
