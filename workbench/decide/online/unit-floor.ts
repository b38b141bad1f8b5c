import type { MetricEffect } from "../../schema/decision.ts";
import type { FloorRule } from "../../schema/policy.ts";
import { tLower, tUpper, tUpperQuantile } from "../../stats/distribution.ts";
import { groupQuantile } from "../../stats/group-quantile.ts";
import { ratioFromSums } from "../../stats/integer-sums.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";
import { isInside } from "../effect.ts";
import type { Reading } from "../reading.ts";
import { floorText } from "../rule.ts";
import { levelAt } from "./looks.ts";
import { armTotals } from "./strata.ts";
import type { UnitValues } from "./unit-reading.ts";
import { blankEffect, valuesOf, type EffectPlan, type UnitEvidence } from "./unit-values.ts";

/** The candidate alone against an absolute limit. */
export function floorEffect(
  evidence: UnitEvidence,
  rule: FloorRule,
  { policy, look, seed }: EffectPlan,
): MetricEffect {
  const values = valuesOf(evidence, rule.metric);
  const better = rule.atLeast === undefined ? "lower" : "higher";
  const blank: MetricEffect = {
    ...blankEffect(values, rule.metric),
    role: "floor",
    better,
    rule: floorText(rule, "score"),
  };
  if (isRefused(values)) return { ...blank, refused: values.reason };
  const level = levelAt(look, policy, rule.alpha);
  const limit = rule.atLeast ?? rule.atMost ?? 0;
  const shared = { ...blank, rule: floorText(rule, values.metric.unit), margin: limit };
  const reading = isRefused(level) ? level : readFloor(values, limit, { level, seed });
  if (isRefused(level) || isRefused(reading))
    return { ...shared, refused: isRefused(level) ? level.reason : (reading as Refused).reason };
  const { estimator, estimate, lower, upper } = reading;
  return {
    ...shared,
    ...{ alpha: level, level: 1 - 2 * level, estimator, estimate, lower, upper },
    p: better === "higher" ? reading.pAbove : reading.pBelow,
    passed: isInside(reading, better),
    reading: { ...reading },
    harmReading: { ...reading },
  };
}

/** A ratio by t over units; a quantile by the same bootstrap, against nothing. */
function readFloor(
  values: UnitValues,
  limit: number,
  { level, seed }: { readonly level: number; readonly seed: number },
): Reading | Refused {
  if (values.quantile !== null) {
    const arm = values.arms?.candidate;
    if (arm === undefined) return refused("no value of this metric");
    const found = groupQuantile(arm, arm, { p: values.quantile, alpha: level, seed, ratio: 0 });
    if (isRefused(found)) return found;
    const own = (value: number): number => value / values.metric.scale;
    const ends = { estimate: own(found.estimate), lower: own(found.lower), upper: own(found.upper) };
    return { on: "value", estimator: found.estimator, ...ends, limit, pAbove: null, pBelow: null };
  }
  if (values.strata.length === 0) return refused("no stage has two units with this metric in each arm");
  const ratio = ratioFromSums(armTotals(values.strata, "candidate"));
  if (isRefused(ratio)) return ratio;
  const { scale } = values.metric;
  const [estimate, standardError] = [ratio.ratio / scale, Math.sqrt(ratio.variance) / scale];
  if (!(standardError > 0)) return refused("zero-variance: no unit of the candidate differs from another");
  const df = ratio.units - 1;
  const half = tUpperQuantile(level, df) * standardError;
  const t = (estimate - limit) / standardError;
  const ends = { estimate, lower: estimate - half, upper: estimate + half };
  return {
    on: "value",
    estimator: "delta-ratio@1",
    ...ends,
    limit,
    pAbove: tUpper(t, df),
    pBelow: tLower(t, df),
  };
}
