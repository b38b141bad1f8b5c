import type { Policy } from "../../schema/policy.ts";
import type { Distance } from "../reading.ts";
import { passDistance } from "../rule.ts";

type Rule = Policy["primary"] | Policy["guardrails"][number];

/** A metric that the simulation may draw: one 0/1 answer a sample, or a positive amount. */
export type MetricTruth =
  | {
      readonly kind: "answer";
      readonly field: string;
      readonly baseline: number;
      readonly candidate: number;
      readonly discordance: number;
    }
  | {
      readonly kind: "amount";
      readonly field: string;
      /** Median of the baseline. */
      readonly median: number;
      /** candidate = factor × an equally distributed amount + shift. */
      readonly factor: number;
      readonly shift: number;
    };

const AMOUNT = /^(latencyMs|ttftMs|costUsd|inputTokens|outputTokens)(\.p[\d.]+)?$/;

export function isAmount(metric: string): boolean {
  return AMOUNT.test(metric);
}

/** Where a rule's truth stands: at the baseline, exactly at the rule's limit, or at the hoped-for effect. */
export type Standing = "equal" | "at its limit" | "as hoped";

/**
 * The truth of one rule under a standing. What the policy leaves open is assumed and said so in the
 * docs: answers at the planned baseline (else 80 % right, or as few errors as the discordance allows),
 * amounts with a median of 1,000, or a quarter of their floor.
 */
export function truthOf(rule: Rule, standing: Standing, policy: Policy): MetricTruth {
  const field = rule.metric.replace(/\.p[\d.]+$/, "");
  const at = movedBy(rule, standing, policy);
  if (isAmount(rule.metric)) {
    const median = amountMedian(rule, policy);
    return at.kind === "relative"
      ? { kind: "amount", field, median, factor: 1 + at.amount, shift: 0 }
      : { kind: "amount", field, median, factor: 1, shift: at.amount };
  }
  const discordance = ("discordance" in rule ? rule.discordance : undefined) ?? policy.planning.discordance;
  const start = startOf(rule, discordance, policy);
  const effect = at.kind === "relative" ? at.amount * start : at.amount;
  return feasible({ field, start, effect, discordance });
}

/** A guardrail that must be better than the baseline is hoped to be this much better. */
const HOPED_GAIN = 0.2;

function movedBy(rule: Rule, standing: Standing, policy: Policy): Distance {
  const at = passDistance(rule);
  if (standing === "at its limit") return at;
  if (standing === "equal") return { kind: "points", amount: 0 };
  if (rule === policy.primary) return { kind: "points", amount: policy.planning.effect ?? 0 };
  const mustGain = rule.by !== undefined || at.amount === 0;
  const gain = HOPED_GAIN + Math.abs(rule.by?.relative ?? 0);
  return mustGain
    ? { kind: "relative", amount: rule.better === "higher" ? gain : -gain }
    : { kind: "points", amount: 0 };
}

function startOf(rule: Rule, discordance: number, policy: Policy): number {
  if (rule === policy.primary && policy.planning.baseline !== null) return policy.planning.baseline;
  const floor = policy.floors.find((one) => one.metric === rule.metric);
  if (rule.better === "lower") return Math.min(discordance, (floor?.atMost ?? 1) / 2);
  return Math.max(0.8, ((floor?.atLeast ?? 0) + 1) / 2);
}

/** The nearest baseline at which the four cells of the paired table are all possible. */
function feasible(plan: {
  readonly field: string;
  readonly start: number;
  readonly effect: number;
  readonly discordance: number;
}): MetricTruth {
  const { field, start, effect } = plan;
  const discordance = Math.min(1, Math.max(plan.discordance, Math.abs(effect)));
  const [won, lost] = [(discordance + effect) / 2, (discordance - effect) / 2];
  const baseline = Math.min(1 - won, Math.max(lost, start));
  return { kind: "answer", field, baseline, candidate: baseline + effect, discordance };
}

function amountMedian(rule: Rule, policy: Policy): number {
  const floor = policy.floors.find((one) => one.metric === rule.metric);
  return floor?.atMost === undefined ? 1_000 : floor.atMost / 4;
}
