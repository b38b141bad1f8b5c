import { listImports } from "../../catalog/segments.ts";
import { WorkbenchError } from "../../errors/error.ts";
import type { Policy } from "../../schema/policy.ts";
import { seeded, type Random } from "../../stats/random.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { metricName } from "../metric.ts";
import { loadPolicy } from "../policy.ts";
import { passDistance } from "../rule.ts";
import { onlineMetric } from "./metrics.ts";
import { experimentRuns, type Truth, type TruthOutcome } from "./simulate-runs.ts";
import { unitsOfLogs, type LoggedUnit } from "./simulate-units.ts";

export interface SimulateRequest {
  readonly project: Project;
  readonly policy: string;
  /** Units of the stored calls, or the policy's planning figures. */
  readonly on: "logs" | "model";
  /** Experiments per truth. */
  readonly runs: number;
  readonly seed: number;
  /** New units a day in both arms together. */
  readonly unitsPerDay: number;
}

export interface Simulated {
  readonly source: string;
  readonly runs: number;
  readonly seed: number;
  readonly truths: readonly TruthOutcome[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * The operating characteristics of a policy on the team's own traffic: whole experiments are drawn by
 * resampling units, given to the candidate with a known effect, and read by the same looks, estimators and
 * gate as a real one. Seeded: the same request gives the same table.
 */
export async function simulate(request: SimulateRequest, effects: Effects = realEffects): Promise<Simulated> {
  const { project, on, runs, seed, unitsPerDay } = request;
  const { policy } = await loadPolicy(project, request.policy, effects);
  const all = [policy.primary, ...policy.guardrails].map(({ metric }) => metric);
  const fields = all.filter(
    (metric) => metricName(metric).quantile === null && onlineMetric(metric) !== null,
  );
  if (!fields.includes(policy.primary.metric))
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: request.policy,
      what: `the primary metric ${policy.primary.metric} cannot be simulated by unit`,
      fix: "a metric that is a mean over calls, such as success or costUsd",
    });
  const units =
    on === "logs" ? await loggedUnits(request, { policy, fields }, effects) : modelled(policy, fields, seed);
  const shown = {
    ...policy,
    guardrails: policy.guardrails.filter(({ metric }) => fields.includes(metric)),
    floors: [],
  };
  const notes = [
    ...all
      .filter((metric) => !fields.includes(metric))
      .map((metric) => `${metric} is not simulated and is taken to hold`),
    ...(policy.floors.length > 0 ? ["floors are not simulated and are taken to be met"] : []),
    ...(on === "model" ? ["model: two calls a unit on average, as the policy's planning says"] : []),
  ];
  const truths = truthsOf(shown, units).map((truth) =>
    experimentRuns(units, { policy: shown, truth, runs, seed: `${seed}:${truth.name}`, unitsPerDay }),
  );
  const source =
    on === "logs" ? `${units.length} units of the stored calls` : "the policy's planning figures";
  return { source, runs, seed, truths, notes };
}

async function loggedUnits(
  { project }: SimulateRequest,
  { policy, fields }: { readonly policy: Policy; readonly fields: readonly string[] },
  effects: Effects,
): Promise<readonly LoggedUnit[]> {
  const imports = (await listImports(project, effects)).filter(({ kind }) => kind === "interactions");
  const units = await unitsOfLogs(project, { imports, fields, policy }, effects);
  const known = units.filter((unit) => (unit.d[0] ?? 0) > 0).length;
  if (known >= 50) return units;
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: "experiment simulate",
    what: `${known} ${policy.online.unit}s of the stored calls have ${policy.primary.metric}, 50 are needed`,
    fix: "ingest more logs, or --on model",
  });
}

/** A unit's habits: calls from 1, a chance of its own around the planned level. */
function modelled(
  { planning, primary }: Policy,
  fields: readonly string[],
  seed: number,
): readonly LoggedUnit[] {
  const random = seeded(`model:${seed}`);
  return Array.from({ length: 4_000 }, () => {
    const calls = 1 + random.below(3);
    const values = fields.map((field) => {
      const level =
        field === primary.metric ? (planning.baseline ?? 0.8) : field === "errorRate" ? 0.01 : 0.5;
      return answers(random, calls, field, level);
    });
    return { n: values, d: fields.map(() => calls) };
  });
}

function answers(random: Random, calls: number, field: string, level: number): number {
  const { isBinary = false, scale = 1 } = onlineMetric(field) ?? {};
  let sum = 0;
  for (let i = 0; i < calls; i++)
    sum += isBinary ? Number(random.uniform() < level) : Math.round(scale * (0.5 + random.uniform()));
  return sum;
}

/** No effect, each rule exactly at its limit, and the effect that is hoped for. */
function truthsOf(policy: Policy, units: readonly LoggedUnit[]): readonly Truth[] {
  const rules = [policy.primary, ...policy.guardrails];
  const none = rules.map(() => 0);
  const levels = rules.map((_, i) => levelOf(units, i));
  const truths: Truth[] = [{ name: "no effect", shifts: none, levels }];
  rules.forEach((rule, i) => {
    const at = passDistance(rule);
    const level = levels[i] ?? 0;
    const { scale = 1 } = onlineMetric(rule.metric) ?? {};
    const shift = at.kind === "relative" ? at.amount * level : at.amount * scale;
    if (shift !== 0)
      truths.push({
        name: `${rule.metric} at its margin`,
        shifts: none.map((_, j) => (j === i ? shift : 0)),
        levels,
      });
  });
  const hoped = policy.planning.effect;
  if (hoped !== null && hoped !== 0) {
    const { scale = 1 } = onlineMetric(policy.primary.metric) ?? {};
    truths.push({
      name: `${policy.primary.metric} as hoped`,
      shifts: none.map((_, j) => (j === 0 ? hoped * scale : 0)),
      levels,
    });
  }
  return truths;
}

/** Mean per call over all units, in smallest units. */
export function levelOf(units: readonly LoggedUnit[], metric: number): number {
  let [n, d] = [0, 0];
  for (const unit of units) {
    n += unit.n[metric] ?? 0;
    d += unit.d[metric] ?? 0;
  }
  return d === 0 ? 0 : n / d;
}
