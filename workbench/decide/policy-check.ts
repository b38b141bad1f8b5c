import type { GuardrailRule, Policy, PrimaryRule } from "../schema/policy.ts";
import { pairedBinaryNullVariance, pairedBinaryVariance } from "../stats/planning-variance.ts";
import { detectable, powerPerTest, unitsNeeded } from "../stats/power.ts";
import { isRefused } from "../stats/refused.ts";
import { passDistance, ruleText } from "./rule.ts";

/** What one rule of a policy would take, for a yes/no metric at the planned discordance. */
export interface RulePlan {
  readonly metric: string;
  readonly role: "primary" | "guardrail";
  readonly rule: string;
  /** Pairs that show it with the planned power; null where the plan lacks a figure. */
  readonly pairs: number | null;
  /** The distance from its limit that `samples.min` pairs can show; null without a minimum. */
  readonly detectable: number | null;
}

export interface PolicyPlan {
  readonly rules: readonly RulePlan[];
  /** The largest of the rules': all of them must pass. */
  readonly pairs: number | null;
  /** Power that each rule needs so that all together reach the planned one. */
  readonly powerPerRule: number;
}

/**
 * What a policy asks for before any data: pairs per rule for a paired yes/no metric with the planned
 * discordance. A relative margin needs `planning.baseline`. Graded metrics and quantiles are left
 * blank: their spread is not known before a pilot.
 */
export function planOf(policy: Policy): PolicyPlan {
  const power = powerPerTest(policy.planning.power, policy.guardrails.length + 1);
  const rules = [
    rulePlan(policy.primary, { policy, power, role: "primary" }),
    ...policy.guardrails.map((rule) => rulePlan(rule, { policy, power, role: "guardrail" })),
  ];
  const known = rules.map((rule) => rule.pairs).filter((pairs) => pairs !== null);
  return { rules, pairs: known.length === 0 ? null : Math.max(...known), powerPerRule: power };
}

interface RuleContext {
  readonly policy: Policy;
  readonly power: number;
  readonly role: RulePlan["role"];
}

function rulePlan(rule: PrimaryRule | GuardrailRule, { policy, power, role }: RuleContext): RulePlan {
  const { planning, samples } = policy;
  const shared = { metric: rule.metric, role, rule: ruleText(rule, "share") };
  const way = wayOf(rule, policy, role);
  const isYesNo = !/^(latencyMs|ttftMs|costUsd|inputTokens|outputTokens)/.test(rule.metric);
  if (way === null || !isYesNo) return { ...shared, pairs: null, detectable: null };
  const alpha = rule.alpha / policy.candidates;
  const expected = "discordance" in rule ? rule.discordance : undefined;
  const discordance = expected ?? planning.discordance;
  const variance = pairedBinaryVariance(discordance, 0);
  const nullVariance = pairedBinaryNullVariance(discordance, way.effect, way.limit);
  const pairs = unitsNeeded({ alpha, power, variance, nullVariance, distance: way.distance });
  const least = samples.min > 0 ? detectable({ alpha, power, variance, n: samples.min }) : null;
  return {
    ...shared,
    pairs: isRefused(pairs) ? null : pairs,
    detectable: least === null || isRefused(least) ? null : least,
  };
}

/** From the planned effect to the limit. */
interface Way {
  readonly distance: number;
  /** Both as candidate − baseline. */
  readonly effect: number;
  readonly limit: number;
}

/** Null when the plan does not say enough, or the planned effect does not clear the limit. */
function wayOf(rule: PrimaryRule | GuardrailRule, policy: Policy, role: RulePlan["role"]): Way | null {
  const at = passDistance(rule);
  const { baseline, effect: planned } = policy.planning;
  if (at.kind === "relative" && baseline === null) return null;
  const limit = at.kind === "relative" ? at.amount * (baseline ?? 0) : at.amount;
  const effect = role === "primary" ? (planned ?? 0) : 0;
  const distance = effect - (rule.better === "higher" ? 1 : -1) * limit;
  return distance > 0 ? { distance, effect, limit } : null;
}
