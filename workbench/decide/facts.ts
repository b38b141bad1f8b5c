import { z } from "zod";
import { HealthCheck } from "../schema/decision.ts";
import type { Policy } from "../schema/policy.ts";
import type { EvalResult } from "../schema/run.ts";
import type { LogRow } from "../schema/registry.ts";
import type { Evidence } from "./health.ts";

/** What a decision knew beside its rows; stored with it, so that `verify` can compute it again. */
export const Facts = z.strictObject({
  schema: z.literal("workbench/decision-facts@1"),
  checks: z.array(HealthCheck),
  training: z.strictObject({ usd: z.number().nullable(), seconds: z.number().nullable() }).nullable(),
});
export type Facts = z.infer<typeof Facts>;

/** This comparison as the log names it. */
export interface Opening {
  readonly suite: string;
  readonly samples: string;
  readonly baseline: string;
  readonly candidate: string;
  /** The training run that the candidate's weights come from: checkpoints of one run are one lineage. */
  readonly lineage: string | null;
  readonly policy: string;
}

export interface FactInput {
  readonly evidence: Evidence;
  readonly results: readonly EvalResult[];
  readonly opening: Opening;
  readonly policy: Policy;
  /** Policy digest that the evaluation says it was run for, if it says so. */
  readonly ranFor: string | null;
  /** Rows of the log before this comparison was opened. */
  readonly before: readonly LogRow[];
}

/** Checks on what happened around the rows: looks, declared rules, reuse of the suite, judges. */
export function contextChecks(input: FactInput): readonly HealthCheck[] {
  return [
    completeLook(input),
    declaredBefore(input),
    freshSuite(input),
    ...fitJudges(input),
    ...sameQuestions(input),
  ];
}

/** Arms that were asked differently compare questions, not models. Said only where it was so. */
function sameQuestions({ results }: FactInput): readonly HealthCheck[] {
  const differ = results.reduce((sum, { pairing }) => sum + (pairing?.promptsDiffer ?? 0), 0);
  if (differ === 0) return [];
  const detail = `${differ} pairs whose prompts differ between the arms`;
  return [
    { check: "the same questions", passed: false, detail, code: "pairing-broken", severity: "invalid" },
  ];
}

function completeLook({ results, evidence, policy }: FactInput): HealthCheck {
  const left = results.reduce((sum, result) => sum + result.notRun, 0);
  const ids = new Set(evidence.candidate.rows.map((row) => row.sampleId));
  const flaws: string[] = [];
  if (left > 0) flaws.push(`${left} planned samples were not run: a fixed plan is read once, complete`);
  if (ids.size < policy.samples.min)
    flaws.push(`${ids.size} samples where the policy plans at least ${policy.samples.min}`);
  return check("the planned look", flaws, "look-plan-open", readOnce(policy));
}

/** Looks are of live traffic, where data comes in; recorded answers are there at once and are read at the whole α. */
function readOnce({ looks }: Policy): string {
  if (looks.plan === "fixed") return "complete";
  return `complete, read once: the policy's looks (${looks.plan}) are for live traffic`;
}

function declaredBefore({ opening, before, ranFor }: FactInput): HealthCheck {
  const same = before.find(
    (row) =>
      row.kind === "evidence.opened" &&
      row.data["samples"] === opening.samples &&
      row.data["baseline"] === opening.baseline &&
      row.data["candidate"] === opening.candidate &&
      row.data["policy"] !== opening.policy,
  );
  const declared = before.find((row) => row.key === `policy:${opening.policy}`);
  const isLate = same !== undefined && (declared === undefined || declared.seq > same.seq);
  const flaws: string[] = [];
  if (isLate) flaws.push("this evidence was read under another policy before this one was declared");
  if (ranFor !== null && ranFor !== opening.policy) flaws.push("the evaluation was run for another policy");
  return check("rules before data", flaws, "policy-after-data", "declared before this evidence was read");
}

function freshSuite({ results, opening, before, policy, evidence }: FactInput): HealthCheck {
  const { lineage } = opening;
  const rivals = new Set([opening.candidate]);
  if (lineage !== null) {
    for (const row of before)
      if (
        row.kind === "evidence.opened" &&
        row.data["suite"] === opening.suite &&
        row.data["lineage"] === lineage
      )
        rivals.add(String(row.data["candidate"]));
    for (const arm of results.flatMap((result) => result.arms))
      if (arm.run === lineage && arm.arm !== evidence.baseline.arm.arm) rivals.add(arm.digest);
  }
  const flaws =
    rivals.size > policy.candidates
      ? [
          `${rivals.size} candidates of one training run were read on this suite, the policy allows ${policy.candidates}`,
        ]
      : [];
  return check("the suite chose nobody", flaws, "gate-reused", "first candidate of its lineage");
}

/**
 * A judged metric may be primary or guardrail only where its judge has a card that bears it. A `success`
 * is what the suite's primary says it is.
 */
function fitJudges({ policy, results }: FactInput): readonly HealthCheck[] {
  const rules = [policy.primary, ...policy.guardrails].map((rule) => ({
    metric: rule.metric,
    minKappa: "judge" in rule ? rule.judge?.minKappa : undefined,
  }));
  return rules.flatMap(({ metric, minKappa }) => {
    const judges = results.flatMap(({ judges: all = [], suite }) =>
      all.filter(({ scorer }) => scorer === (metric === "success" ? suite.primary : metric)),
    );
    if (judges.length === 0 && minKappa === undefined) return [];
    const kappas = judges.flatMap(({ kappaLower }) => (kappaLower === null ? [] : [kappaLower]));
    if (minKappa !== undefined && (kappas.length === 0 || kappas.length < judges.length))
      return [check(`judge of ${metric}`, ["it has no card"], `no-data:${metric}`, "")];
    const kappa = Math.min(...kappas);
    const flaws = judges.flatMap(({ advisory }) => advisory);
    if (minKappa !== undefined && kappa < minKappa)
      flaws.unshift(`κ is at least ${kappa} where ${minKappa} is needed`);
    return [check(`judge of ${metric}`, flaws, `judge-unfit:${metric}`, `κ is at least ${kappa}`)];
  });
}

function check(name: string, flaws: readonly string[], code: string, good: string): HealthCheck {
  const detail = flaws.length > 0 ? flaws.join("; ") : good;
  return { check: name, passed: flaws.length === 0, detail, code, severity: "inconclusive" };
}
