import type { Experiment } from "../../schema/experiment.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { metricName } from "../metric.ts";
import { openTables, segmentsOf, type EvidenceTables } from "./evidence-tables.ts";
import { planLook, type Look } from "./looks.ts";
import { onlineMetric } from "./metrics.ts";
import { isReadable, onlineChecks, type OnlineFacts } from "./online-record.ts";
import { readCounts, readSums, type MetricSums, type UnitCounts } from "./readings.ts";
import { readQuantile, type QuantileArms } from "./quantile-window.ts";
import type { Window } from "./triggers.ts";
import type { UnitEvidence } from "./unit-values.ts";
import { unitsOf } from "./unit-health.ts";

/** Fields that are shown whether declared or not. */
const ALWAYS = ["success", "errorRate", "latencyMs", "costUsd", "inputTokens", "outputTokens"];

export interface ReadRequest {
  readonly project: Project;
  readonly experiment: Experiment;
  readonly imports: readonly string[];
  readonly exposures: readonly string[];
  readonly until: string;
  readonly facts: OnlineFacts;
  /** Effects are read when the look is open, never, or for the triggers of a ramp, which have bounds of their own. */
  readonly withEffects: boolean | "watch";
  /** For the health trigger: windows from here on. */
  readonly since?: string;
}

/** What an experiment's files say, as sums: who was shown what, and, where the look allows it, what came of it. */
export interface ExperimentReading {
  readonly counts: UnitCounts;
  readonly sums: readonly MetricSums[];
  readonly look: Look;
  readonly evidence: UnitEvidence | null;
  /** The candidate's calls and failures per five minutes; only for a ramp. */
  readonly windows: readonly Window[];
}

/** Health before numbers: what cannot be read, or is not due, is not queried. */
export async function readExperiment(request: ReadRequest, effects: Effects): Promise<ExperimentReading> {
  const { project, experiment, until, facts } = request;
  const segments = await segmentsOf(project, request, effects);
  const fields = fieldsOf(experiment);
  const tables = await openTables({ project, experiment, segments, until, fields }, effects);
  try {
    const counts = await readCounts(tables);
    const { split } = experiment.policy.online;
    const sums = await readSums(tables, split, false);
    const units = unitsOf(counts.counts, split);
    const now = { units: units.smaller, total: units.total, days: counts.flaws.days };
    const look = planLook(experiment.policy, facts.looks, now);
    const isWatch = request.withEffects === "watch";
    const isOpen = isWatch || (request.withEffects && look.closed === null);
    const isSound = isReadable(onlineChecks({ counts, sums, experiment, facts }));
    const evidence = isOpen && isSound ? await readEvidence(tables, experiment, sums) : null;
    const windows = isWatch ? await readWindows(tables, request.since ?? experiment.startsAt) : [];
    return { counts, sums, look, evidence, windows };
  } finally {
    tables.db.close();
  }
}

async function readEvidence(
  tables: EvidenceTables,
  { policy }: Experiment,
  sums: readonly MetricSums[],
): Promise<UnitEvidence> {
  const { split } = policy.online;
  const triggers = policy.rollout.triggers ?? [];
  const declared = [policy.primary, ...policy.guardrails, ...policy.floors, ...triggers].map(
    ({ metric }) => metric,
  );
  const quantiles: Record<string, QuantileArms> = {};
  for (const metric of declared) {
    const { field, quantile } = metricName(metric);
    if (quantile !== null && onlineMetric(field) !== null)
      quantiles[metric] ??= await readQuantile(tables, { field, p: quantile, split });
  }
  return { sums, slices: await readSums(tables, split, true), quantiles };
}

async function readWindows({ db, bound, query }: EvidenceTables, since: string): Promise<readonly Window[]> {
  return db.rows<Window>(await query("error-windows"), { since, until: bound.until });
}

/** Every field that the rules name and the logs can hold, and those that are always shown. */
export function fieldsOf({ policy }: Pick<Experiment, "policy">): readonly string[] {
  const rules = [policy.primary, ...policy.guardrails, ...policy.floors, ...(policy.rollout.triggers ?? [])];
  const named = rules.map(({ metric }) => metricName(metric).field);
  return [...new Set([...named, ...ALWAYS])].filter((field) => onlineMetric(field) !== null).sort();
}
