import type { MetricEffect } from "../../schema/decision.ts";
import type { GuardrailRule, PrimaryRule } from "../../schema/policy.ts";
import { isRefused } from "../../stats/refused.ts";
import { isInside } from "../effect.ts";
import type { Reading } from "../reading.ts";
import { harmDistance, passDistance, ruleText } from "../rule.ts";
import { levelAt } from "./looks.ts";
import { floorEffect } from "./unit-floor.ts";
import { readUnits, type UnitValues } from "./unit-reading.ts";
import { blankEffect, valuesOf, type EffectPlan, type UnitEvidence } from "./unit-values.ts";
import { unitsNeeded } from "./units-needed.ts";

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
    ...unitsNeeded(reading, { policy, rule, level, look, baseline: shared.baseline ?? 0 }),
    reading: { ...reading },
    harmReading: isRefused(harm) ? null : { ...harm },
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
