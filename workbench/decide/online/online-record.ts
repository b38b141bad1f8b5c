import { z } from "zod";
import { digestOf } from "../../schema/canonical.ts";
import { HealthCheck, type Decision } from "../../schema/decision.ts";
import { Instant, Name, Digest } from "../../schema/names.ts";
import type { Experiment } from "../../schema/experiment.ts";
import type { EvidenceRef } from "../evidence.ts";
import { gate } from "../gate.ts";
import { levelAt, type Look } from "./looks.ts";
import type { MetricSums, UnitCounts } from "./readings.ts";
import { unitCost } from "./unit-cost.ts";
import { unitEffects } from "./unit-effect.ts";
import { unitSlices } from "./unit-slices.ts";
import type { UnitEvidence } from "./unit-values.ts";
import { unitChecks } from "./unit-health.ts";
import { isRefused } from "../../stats/refused.ts";

type Computed = Decision["computed"];

/** The manifest's `inputs` of an online decision: what names it, and all that computing it again needs. */
export const OnlineInputs = z.looseObject({
  recordVersion: z.number().int(),
  experiment: Name,
  experimentSha256: Digest,
  policySha256: Digest,
  imports: z.array(z.string()),
  exposures: z.array(z.string()),
  until: Instant,
  factsSha256: Digest,
});
export type OnlineInputs = z.infer<typeof OnlineInputs>;

const Taken = z.strictObject({ units: z.number().int(), spent: z.number(), isFinal: z.boolean() });

/** What an online decision knew beside its rows: the looks before it, and checks on what the log said. */
export const OnlineFacts = z.strictObject({
  schema: z.literal("workbench/online-facts@1"),
  /** When exposures would have been from the future. */
  now: Instant,
  looks: z.array(Taken),
  checks: z.array(HealthCheck),
});
export type OnlineFacts = z.infer<typeof OnlineFacts>;

export interface OnlineRecord {
  readonly experiment: Experiment;
  readonly facts: OnlineFacts;
  readonly until: string;
  readonly look: Look;
  readonly counts: UnitCounts;
  /** Sums of all fields; read for checks even where no effect is. */
  readonly sums: readonly MetricSums[];
  /** Null where effects may not be read at this look, or at all. */
  readonly evidence: UnitEvidence | null;
  readonly refs: readonly EvidenceRef[];
  readonly seed: number;
}

/** Checks that stand before every number of an experiment. */
export function onlineChecks({
  counts,
  sums,
  experiment,
  facts,
}: Pick<OnlineRecord, "counts" | "sums" | "experiment" | "facts">): readonly HealthCheck[] {
  return [...unitChecks(counts, sums, experiment.policy), ...facts.checks];
}

export function isReadable(checks: readonly HealthCheck[]): boolean {
  return checks.every((check) => check.passed || check.severity !== "invalid");
}

/** All of `computed` of an online decision, from sums, rules and facts alone; `decide` and `verify` both call this. */
export function onlineComputed(record: OnlineRecord): Computed {
  const { experiment, look, counts, sums, evidence, refs, seed, until } = record;
  const { policy } = experiment;
  const health = [...onlineChecks(record), lookCheck(look)];
  const plan = { policy, look, seed };
  const effects = evidence === null ? [] : unitEffects(evidence, plan);
  const slices = evidence === null ? [] : unitSlices(evidence, plan);
  const gated = gate({
    effects,
    slices,
    health,
    policy,
    counted: "units",
    isPlannedLook: look.closed === null,
  });
  const level = levelAt(look, policy, policy.primary.alpha);
  return {
    question: policy.question,
    policy: { name: policy.name, sha256: experiment.policySha256 },
    evidence: [...refs],
    baseline: armRef("baseline", experiment),
    candidate: armRef("candidate", experiment),
    suite: `live traffic (${experiment.name})`,
    health,
    effects,
    slices,
    flips: { fixed: 0, broken: 0, bothRight: 0, bothWrong: 0, worst: [] },
    cost: unitCost(evidence === null ? [] : sums, policy.reworkUsd),
    seed,
    verdict: gated.verdict,
    reasons: [...gated.reasons],
    sentence: gated.sentence,
    flip: [...gated.flip],
    online: {
      experiment: experiment.name,
      experimentSha256: digestOf(experiment),
      offline: experiment.offline,
      until,
      look: {
        number: look.number,
        plan: policy.looks.plan,
        units: look.units,
        spent: look.spent,
        isFinal: look.isFinal,
        closed: look.closed,
        level: isRefused(level) || look.closed !== null ? null : level,
      },
      units: counts.counts.filter(({ slice }) => slice === null),
    },
  };
}

function armRef(arm: "baseline" | "candidate", experiment: Experiment): Computed["baseline"] {
  const { model, digest, run } = experiment[arm];
  return { arm: model, model, digest, run };
}

function lookCheck({ closed, early }: Look): HealthCheck {
  const flaw = closed ?? early;
  return {
    check: "the planned look",
    passed: flaw === null,
    detail: flaw ?? "as planned",
    code: "look-plan-open",
    severity: "inconclusive",
  };
}
