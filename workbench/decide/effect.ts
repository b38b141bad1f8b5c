import type { MetricEffect } from "../schema/decision.ts";
import type { FloorRule, GuardrailRule, Policy, PrimaryRule } from "../schema/policy.ts";
import { nNeeded } from "../stats/n-needed.ts";
import { pairedBinaryNullVariance, pairedBinaryVariance } from "../stats/planning-variance.ts";
import { powerPerTest, unitsNeeded } from "../stats/power.ts";
import { quantile } from "../stats/ranked.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import { readFloor } from "./floor.ts";
import { unitOf } from "./metric.ts";
import type { Item } from "./pairs.ts";
import { read, type Reading } from "./reading.ts";
import { floorText, harmDistance, passDistance, ruleText } from "./rule.ts";
import { meanOf, pairedValues, type PairedValues } from "./values.ts";

/** What every effect of one comparison shares. */
export interface EffectContext {
  readonly policy: Policy;
  readonly seed: number;
}

/** The effect of a declared rule, with its reading, its harm reading and the n it would take. */
export function ruleEffect(
  items: readonly Item[],
  rule: PrimaryRule | GuardrailRule,
  { policy, seed, role }: EffectContext & { readonly role: "primary" | "guardrail" },
): MetricEffect {
  const values = pairedValues(items, rule.metric);
  // Several candidates on one suite share the error: Bonferroni, which is never less strict than Holm.
  const alpha = rule.alpha / policy.candidates;
  const options = { alpha, seed };
  const passAt = passDistance(rule);
  const reading = read(values, passAt, options);
  const harmAt = harmDistance(rule);
  const isSame = harmAt.kind === passAt.kind && harmAt.amount === passAt.amount;
  const harm = isSame ? reading : read(values, harmAt, options);
  const unit = unitOf(values.field, [...values.baseline, ...values.candidate]);
  const level = { alpha, level: 1 - 2 * alpha };
  const blank = { ...blankEffect(values, rule.metric), role, better: rule.better, unit, ...level };
  const shared = { ...blank, rule: ruleText(rule, unit), margin: marginOf(values, passAt) };
  if (isRefused(reading)) return { ...shared, refused: reading.reason };
  return {
    ...shared,
    ...differenceOf(values, reading, options),
    p: rule.better === "higher" ? reading.pAbove : reading.pBelow,
    passed: isInside(reading, rule.better),
    ...needed(values, reading, { policy, rule, alpha }),
    reading: { ...reading },
    harmReading: isRefused(harm) ? null : { ...harm },
  };
}

/** The effect of a floor: the candidate alone against an absolute limit. */
export function floorEffect(items: readonly Item[], rule: FloorRule): MetricEffect {
  const values = pairedValues(items, rule.metric);
  const reading = readFloor(values, rule);
  const unit = unitOf(values.field, [...values.baseline, ...values.candidate]);
  const better = rule.atLeast === undefined ? "lower" : "higher";
  const shared: MetricEffect = {
    ...blankEffect(values, rule.metric),
    role: "floor",
    better,
    unit,
    alpha: rule.alpha,
    level: 1 - 2 * rule.alpha,
    rule: floorText(rule, unit),
    margin: rule.atLeast ?? rule.atMost ?? null,
  };
  if (isRefused(reading)) return { ...shared, refused: reading.reason };
  return {
    ...shared,
    estimator: reading.estimator,
    estimate: reading.estimate,
    lower: reading.lower,
    upper: reading.upper,
    p: better === "higher" ? reading.pAbove : reading.pBelow,
    passed: isInside(reading, better),
    reading: { ...reading },
    harmReading: { ...reading },
  };
}

/** A metric nobody declared, shown with its 95 % interval and no judgement. */
export function shownEffect(items: readonly Item[], metric: string, { seed }: EffectContext): MetricEffect {
  const values = pairedValues(items, metric);
  const reading = read(values, { kind: "points", amount: 0 }, { alpha: 0.025, seed });
  const unit = unitOf(values.field, [...values.baseline, ...values.candidate]);
  const isCost = !["share", "score"].includes(unit) || metric === "errorRate";
  const better: "higher" | "lower" = isCost ? "lower" : "higher";
  const shared = { ...blankEffect(values, metric), role: "shown" as const, better, unit, level: 0.95 };
  if (isRefused(reading)) return { ...shared, refused: reading.reason };
  const { estimator, estimate, lower, upper } = reading;
  return { ...shared, estimator, estimate, lower, upper };
}

/** True when the worst end of the interval stands on the good side of the limit. */
export function isInside(reading: Reading, better: "higher" | "lower"): boolean {
  const worst = better === "higher" ? reading.lower : reading.upper;
  return worst !== null && (better === "higher" ? worst > reading.limit : worst < reading.limit);
}

/** True when the whole interval stands on the bad side of the limit. */
export function isBeyond(reading: Reading, better: "higher" | "lower"): boolean {
  const best = better === "higher" ? reading.upper : reading.lower;
  return best !== null && (better === "higher" ? best < reading.limit : best > reading.limit);
}

function blankEffect(values: PairedValues, metric: string): MetricEffect {
  const summary = (arm: readonly number[]): number | null => {
    if (values.quantile === null || arm.length === 0) return meanOf(arm);
    const q = quantile(arm, values.quantile);
    return isRefused(q) ? null : q;
  };
  return {
    metric,
    role: "shown",
    better: "higher",
    estimator: "none",
    n: values.baseline.length,
    dropped: values.dropped,
    clusters: values.clusters === null ? null : new Set(values.clusters).size,
    baseline: summary(values.baseline),
    candidate: summary(values.candidate),
    estimate: null,
    lower: null,
    upper: null,
    level: null,
    p: null,
    margin: null,
    passed: null,
    nNeeded: null,
    refused: null,
    unit: "score",
    alpha: null,
    rule: null,
    reading: null,
    harmReading: null,
    nNeededAsPlanned: null,
    nNeededAsSeen: null,
    slice: null,
    pAdjusted: null,
  };
}

/** The plain difference, for the forest plot, even where a ratio or contrast decides. */
function differenceOf(
  values: PairedValues,
  reading: Reading,
  options: { readonly alpha: number; readonly seed: number },
): Pick<MetricEffect, "estimator" | "estimate" | "lower" | "upper"> {
  const plain = reading.on === "difference" ? reading : read(values, { kind: "points", amount: 0 }, options);
  if (isRefused(plain)) return { estimator: reading.estimator, estimate: null, lower: null, upper: null };
  const { estimator, estimate, lower, upper } = plain;
  return { estimator, estimate, lower, upper };
}

/** The margin in the metric's unit; a relative one is shown at the baseline as measured. */
function marginOf(values: PairedValues, at: ReturnType<typeof passDistance>): number | null {
  if (at.kind === "points") return at.amount;
  const baseline = blankEffect(values, "").baseline;
  return baseline === null ? null : baseline * at.amount;
}

interface Needed {
  readonly policy: Policy;
  readonly rule: PrimaryRule | GuardrailRule;
  readonly alpha: number;
}

/** Everything is measured as a distance to the limit, so one formula serves all margins. */
function needed(
  values: PairedValues,
  reading: Reading,
  { policy, rule, alpha }: Needed,
): Pick<MetricEffect, "nNeeded" | "nNeededAsPlanned" | "nNeededAsSeen"> {
  const none = { nNeeded: null, nNeededAsPlanned: null, nNeededAsSeen: null };
  const { estimate, lower, upper, limit, on } = reading;
  if (lower === null || upper === null) return none;
  const sign = rule.better === "higher" ? 1 : -1;
  const seen = sign * (estimate - limit);
  // The distance to the limit at the planned effect; on a ratio 1 is "no effect".
  const neutral = on === "ratio" ? 1 : on === "contrast" ? baselineShare(values, rule) : 0;
  const wanted = rule === policy.primary ? policy.planning.effect : 0;
  const isSuperior = sign * (neutral - limit) <= 0;
  const planned =
    wanted === null && isSuperior ? seen : sign * (neutral - limit) + (on === "ratio" ? 0 : (wanted ?? 0));
  const power = powerPerTest(policy.planning.power, policy.guardrails.length + 1);
  const result = nNeeded({
    n: values.baseline.length,
    estimate: seen,
    halfWidth: (upper - lower) / 2,
    margin: 0,
    alpha,
    power,
    planned: { n: plannedN(values, { policy, alpha, distance: planned, power }), effect: planned },
  });
  if (isRefused(result)) return none;
  const number = (n: number | Refused): number | null => (isRefused(n) ? null : n);
  return {
    nNeeded: number(result.shrunk),
    nNeededAsPlanned: number(result.asPlanned),
    nNeededAsSeen: number(result.asSeen),
  };
}

/** candidate − k·baseline at no effect: (1 − k)·baseline. */
function baselineShare(values: PairedValues, rule: PrimaryRule | GuardrailRule): number {
  const baseline = blankEffect(values, "").baseline ?? 0;
  return -passDistance(rule).amount * baseline;
}

interface PlannedN {
  readonly policy: Policy;
  readonly alpha: number;
  readonly distance: number;
  readonly power: number;
}

/** The n the plan asked for: the policy's minimum, else what its discordance implies. */
function plannedN(values: PairedValues, { policy, alpha, distance: way, power }: PlannedN): number {
  if (policy.samples.min > 0) return policy.samples.min;
  if (!values.isBinary || !(way > 0)) return values.baseline.length;
  const { discordance } = policy.planning;
  const variance = pairedBinaryVariance(discordance, 0);
  const nullVariance = pairedBinaryNullVariance(discordance, 0, Math.min(0.99, way));
  const n = unitsNeeded({ alpha, power, variance, nullVariance, distance: way });
  return isRefused(n) ? values.baseline.length : n;
}
