import type { Decision, MetricEffect } from "../../schema/decision.ts";
import type { FloorRule, GuardrailRule, Policy, PrimaryRule } from "../../schema/policy.ts";
import { tLower, tUpper, tUpperQuantile } from "../../stats/distribution.ts";
import { groupQuantile } from "../../stats/group-quantile.ts";
import { ratioFromSums } from "../../stats/integer-sums.ts";
import { benjaminiHochberg } from "../../stats/multiplicity.ts";
import { nNeeded } from "../../stats/n-needed.ts";
import { powerPerTest } from "../../stats/power.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";
import { isInside } from "../effect.ts";
import { metricName } from "../metric.ts";
import type { Reading } from "../reading.ts";
import { floorText, harmDistance, passDistance, ruleText } from "../rule.ts";
import { levelAt, plannedUnits, type Look } from "./looks.ts";
import { onlineMetric, type OnlineMetric } from "./metrics.ts";
import type { QuantileArms } from "./quantile-window.ts";
import type { MetricSums } from "./readings.ts";
import { quantileOf } from "../../stats/group-quantile.ts";
import { armTotals, strataOf } from "./strata.ts";
import { readUnits, type UnitValues } from "./unit-reading.ts";

/** Everything an experiment's effects are computed from. */
export interface UnitEvidence {
  readonly sums: readonly MetricSums[];
  readonly slices: readonly MetricSums[];
  /** By the metric's whole name, such as `latencyMs.p95`. */
  readonly quantiles: Readonly<Record<string, QuantileArms>>;
}

export interface EffectPlan {
  readonly policy: Policy;
  readonly look: Look;
  readonly seed: number;
}

/** Primary, guardrails and floors as declared, then whatever else was measured. */
export function unitEffects(evidence: UnitEvidence, plan: EffectPlan): MetricEffect[] {
  const { policy } = plan;
  const declared = new Set([policy.primary.metric, ...policy.guardrails.map((rule) => rule.metric)]);
  const measured = [...new Set(evidence.sums.map(({ metric }) => metric))];
  return [
    ruleEffect(evidence, policy.primary, { ...plan, role: "primary" }),
    ...policy.guardrails.map((rule) => ruleEffect(evidence, rule, { ...plan, role: "guardrail" })),
    ...policy.floors.map((rule) => floorEffect(evidence, rule, plan)),
    ...measured
      .filter((metric) => !declared.has(metric))
      .map((metric) => shownEffect(evidence, metric, plan)),
  ];
}

interface RulePlan extends EffectPlan {
  readonly role: "primary" | "guardrail";
  readonly slice?: string;
}

/** The effect of a declared rule at this look's own bound. */
export function ruleEffect(
  evidence: UnitEvidence,
  rule: PrimaryRule | GuardrailRule,
  { policy, look, seed, role, slice }: RulePlan,
): MetricEffect {
  const values = valuesOf(evidence, rule.metric, slice);
  const blank = { ...blankEffect(values, rule.metric), role, better: rule.better };
  if (isRefused(values)) return { ...blank, rule: ruleText(rule, "score"), refused: values.reason };
  const level = levelAt(look, policy, rule.alpha);
  const at = passDistance(rule);
  const shared: MetricEffect = {
    ...blank,
    rule: ruleText(rule, values.metric.unit),
    margin: at.kind === "points" ? at.amount : (blank.baseline ?? 0) * at.amount,
  };
  if (isRefused(level)) return { ...shared, refused: level.reason };
  const options = { level, seed };
  const reading = readUnits(values, at, options);
  if (isRefused(reading)) return { ...shared, refused: reading.reason };
  const harm = readUnits(values, harmDistance(rule), options);
  const p = rule.better === "higher" ? reading.pAbove : reading.pBelow;
  return {
    ...shared,
    alpha: level,
    level: 1 - 2 * level,
    ...plainDifference(values, reading, options),
    p,
    // Interval and test must agree: the stricter of the two holds.
    passed: isInside(reading, rule.better) && (p ?? 0) <= level,
    ...needed(reading, { policy, rule, level, look, baseline: shared.baseline ?? 0 }),
    reading: { ...reading },
    harmReading: isRefused(harm) ? null : { ...harm },
  };
}

/** The candidate alone against an absolute limit. */
function floorEffect(
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

/** A metric nobody declared, with its 95 % interval and no judgement. */
function shownEffect(evidence: UnitEvidence, metric: string, { seed }: EffectPlan): MetricEffect {
  const values = valuesOf(evidence, metric);
  const blank = blankEffect(values, metric);
  if (isRefused(values)) return { ...blank, refused: values.reason };
  const better: "higher" | "lower" = ["success", "quality"].includes(metric) ? "higher" : "lower";
  const reading = readUnits(values, { kind: "points", amount: 0 }, { level: 0.025, seed });
  const shared = { ...blank, better, level: 0.95 };
  if (isRefused(reading)) return { ...shared, refused: reading.reason };
  const { estimator, estimate, lower, upper } = reading;
  return { ...shared, estimator, estimate, lower, upper };
}

/**
 * The primary rule on each slice of the units. Explored slices get Benjamini–Hochberg p values and decide
 * nothing; a veto slice that nobody is in has no data, which is never a pass.
 */
export function unitSlices(evidence: UnitEvidence, plan: EffectPlan): Decision["computed"]["slices"] {
  const { veto, explore } = plan.policy.slices;
  const present = [...new Set(evidence.slices.map(({ slice }) => slice))]
    .filter((slice) => slice !== null)
    .sort();
  const isWanted = (slice: string): boolean =>
    veto.includes(slice) || explore === null || explore.includes(slice.slice(0, slice.indexOf(" = ")));
  const names = [...present.filter(isWanted), ...veto.filter((slice) => !present.includes(slice))];
  const effects = names.map((slice) => {
    const effect = ruleEffect(evidence, plan.policy.primary, { ...plan, role: "primary", slice });
    return { ...effect, role: "slice" as const, slice };
  });
  const ps = names.map((slice) => differenceP(evidence, slice, plan));
  const tested = ps.filter((p) => p !== null);
  const adjusted = benjaminiHochberg(tested);
  let at = 0;
  return effects.map((effect, i) => {
    const pAdjusted = ps[i] === null || isRefused(adjusted) ? null : (adjusted[at++] ?? null);
    return { slice: effect.slice, effects: [{ ...effect, pAdjusted }] };
  });
}

/** Two-sided p of no difference on the primary metric. */
function differenceP(evidence: UnitEvidence, slice: string, { policy, seed }: EffectPlan): number | null {
  const values = valuesOf(evidence, policy.primary.metric, slice);
  if (isRefused(values)) return null;
  const plain = readUnits(values, { kind: "points", amount: 0 }, { level: 0.025, seed });
  if (isRefused(plain) || plain.pAbove === null || plain.pBelow === null) return null;
  return Math.min(1, 2 * Math.min(plain.pAbove, plain.pBelow));
}

function valuesOf(evidence: UnitEvidence, metric: string, slice?: string): UnitValues | Refused {
  const { field, quantile } = metricName(metric);
  const known = onlineMetric(field);
  if (known === null) return refused(`the logs have no ${field}`);
  if (quantile !== null && slice !== undefined) return refused("a quantile is not read by slice");
  const from = slice === undefined ? evidence.sums : evidence.slices;
  return {
    metric: known,
    strata: strataOf(from, field, slice ?? null),
    quantile,
    arms: quantile === null ? null : (evidence.quantiles[metric] ?? null),
  };
}

function blankEffect(values: UnitValues | Refused, metric: string): MetricEffect {
  const known: OnlineMetric | null = isRefused(values) ? null : values.metric;
  const summary = (arm: "baseline" | "candidate"): number | null => {
    if (isRefused(values)) return null;
    if (values.quantile !== null) {
      const found = values.arms?.[arm];
      if (found === undefined || found.values.length === 0) return null;
      return (
        quantileOf(found, new Uint32Array(found.totals.length).fill(1), values.quantile) / values.metric.scale
      );
    }
    const { numerator, denominator } = armTotals(values.strata, arm);
    return denominator > 0n ? Number(numerator) / Number(denominator) / values.metric.scale : null;
  };
  const count = (arm: "baseline" | "candidate"): number =>
    isRefused(values) ? 0 : Number(armTotals(values.strata, arm).units);
  const units = count("baseline") + count("candidate");
  return {
    metric,
    role: "shown",
    better: "higher",
    estimator: "none",
    n: units,
    dropped: 0,
    clusters: units,
    baseline: summary("baseline"),
    candidate: summary("candidate"),
    ...{ estimate: null, lower: null, upper: null, level: null, p: null, margin: null, passed: null },
    ...{ nNeeded: null, nNeededAsPlanned: null, nNeededAsSeen: null, refused: null, alpha: null, rule: null },
    ...{ reading: null, harmReading: null, slice: null, pAdjusted: null },
    unit: known?.unit ?? "score",
  };
}

function plainDifference(
  values: UnitValues,
  reading: Reading,
  options: { readonly level: number; readonly seed: number },
): Pick<MetricEffect, "estimator" | "estimate" | "lower" | "upper"> {
  const plain =
    reading.on === "difference" ? reading : readUnits(values, { kind: "points", amount: 0 }, options);
  if (isRefused(plain)) return { estimator: reading.estimator, estimate: null, lower: null, upper: null };
  const { estimator, estimate, lower, upper } = plain;
  return { estimator, estimate, lower, upper };
}

interface Needed {
  readonly policy: Policy;
  readonly rule: PrimaryRule | GuardrailRule;
  readonly level: number;
  readonly look: Look;
  readonly baseline: number;
}

/** Units in both arms after which the rule decides with the planned power. */
function needed(
  { on, estimate, lower, upper, limit }: Reading,
  { policy, rule, level, look, baseline }: Needed,
): Pick<MetricEffect, "nNeeded" | "nNeededAsPlanned" | "nNeededAsSeen"> {
  const none = { nNeeded: null, nNeededAsPlanned: null, nNeededAsSeen: null };
  if (lower === null || upper === null || look.total < 1) return none;
  const sign = rule.better === "higher" ? 1 : -1;
  const seen = sign * (estimate - limit);
  // candidate − k·baseline at no effect is (1 − k)·baseline.
  const neutral = on === "contrast" ? -passDistance(rule).amount * baseline : 0;
  const wanted = rule === policy.primary ? (policy.planning.effect ?? null) : 0;
  const result = nNeeded({
    n: look.total,
    estimate: seen,
    halfWidth: (upper - lower) / 2,
    margin: 0,
    alpha: level,
    power: powerPerTest(policy.planning.power, policy.guardrails.length + 1),
    planned: {
      n: 2 * plannedUnits(policy),
      effect: wanted === null ? seen : sign * (neutral - limit) + wanted,
    },
  });
  if (isRefused(result)) return none;
  const number = (n: number | Refused): number | null => (isRefused(n) ? null : n);
  return {
    nNeeded: number(result.shrunk),
    nNeededAsPlanned: number(result.asPlanned),
    nNeededAsSeen: number(result.asSeen),
  };
}
