import type { Decision, HealthCheck, MetricEffect } from "../schema/decision.ts";
import type { GuardrailRule, Policy, PrimaryRule } from "../schema/policy.ts";
import { testsBeside } from "./beside.ts";
import { costCard, type TrainingCost } from "./cost-card.ts";
import { floorEffect, ruleEffect, shownEffect } from "./effect.ts";
import { flipLedger } from "./flips.ts";
import { gate } from "./gate.ts";
import { healthChecks, type Evidence } from "./health.ts";
import { isUsable, pairItems, type Item } from "./pairs.ts";
import { sliceEffects } from "./slices.ts";

type Computed = Decision["computed"];

/** All that a comparison depends on; the same plan gives the same bytes. */
export interface Plan {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly seed: number;
  /** Checks on facts outside the rows: looks, declared policy, reused gate suite, judges. */
  readonly context: readonly HealthCheck[];
  readonly training: TrainingCost | null;
}

export type Compared = Pick<
  Computed,
  "health" | "effects" | "slices" | "flips" | "cost" | "verdict" | "reasons" | "sentence" | "flip"
>;

/**
 * Compares a candidate with a baseline under a policy: pair, check, measure, judge. Pure: rows in,
 * everything a decision says out. An unreadable comparison shows no effects at all.
 */
export function compare({ evidence, policy, seed, context, training }: Plan): Compared {
  const items = pairItems({ baseline: evidence.baseline.rows, candidate: evidence.candidate.rows });
  const health = [...healthChecks(evidence, items, policy), ...context];
  const isReadable = health.every((check) => check.passed || check.severity !== "invalid");
  const read = isReadable ? items.filter(isUsable) : [];
  const effects = isReadable ? allEffects(read, evidence, { policy, seed }) : [];
  const names = policy.slices.explore ?? evidence.candidate.suite.slices;
  const slices = isReadable ? sliceEffects(read, names, { policy, seed }) : [];
  return {
    health: [...health],
    effects,
    slices,
    flips: flipLedger(read, policy.primary.metric),
    cost: costCard(evidence, training, policy.reworkUsd),
    ...mutable(gate({ effects, slices, health, policy })),
  };
}

function mutable(
  gated: ReturnType<typeof gate>,
): Pick<Compared, "verdict" | "reasons" | "sentence" | "flip"> {
  return { ...gated, reasons: [...gated.reasons], flip: [...gated.flip] };
}

/** Primary, guardrails, floors as declared; then whatever else was measured. */
function allEffects(
  items: readonly Item[],
  evidence: Evidence,
  context: { readonly policy: Policy; readonly seed: number },
): MetricEffect[] {
  const { policy } = context;
  const declared = new Set([policy.primary.metric, ...policy.guardrails.map((rule) => rule.metric)]);
  const scorers = evidence.candidate.scorers.map((scorer) => scorer.name);
  const others = [...scorers, "errorRate", "latencyMs.p95", "costUsd", "inputTokens", "outputTokens"];
  const judged = (rule: PrimaryRule | GuardrailRule, role: "primary" | "guardrail"): MetricEffect => ({
    ...ruleEffect(items, rule, { ...context, role }),
    beside: [...testsBeside(items, rule.metric, context.seed)],
  });
  return [
    judged(policy.primary, "primary"),
    ...policy.guardrails.map((rule) => judged(rule, "guardrail")),
    ...policy.floors.map((rule) => floorEffect(items, rule)),
    ...others.filter((metric) => !declared.has(metric)).map((metric) => shownEffect(items, metric, context)),
  ];
}
