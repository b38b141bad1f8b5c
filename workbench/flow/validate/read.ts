import { readFloor } from "../../decide/floor.ts";
import { metricName } from "../../decide/metric.ts";
import type { SampleRow } from "../../schema/run.ts";
import type { TargetMetric, TargetReading, Targets } from "../../schema/targets.ts";
import { quantile } from "../../stats/ranked.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";
import { sum } from "../../stats/sum.ts";

/** What is kept of a run's rows to read targets from: a number a task, and what it depends on. */
interface Values {
  readonly values: number[];
  /** Null: each task is its own trial. Else repeats of an item, and items of a cluster, are one. */
  readonly clusters: string[] | null;
}

/** Counts and values of a validation, gathered row by row. */
export interface Gathered {
  readonly local: number;
  readonly fallback: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly of: Readonly<Record<TargetMetric, Values>>;
}

/** Folds rows of the gateway arm; columns say who answered. */
export function gather(primary: string): {
  readonly visit: (row: SampleRow) => void;
  readonly end: () => Gathered;
} {
  const counts = { local: 0, fallback: 0, failed: 0 };
  const reasons: Record<string, number> = {};
  const byItem = (): Values => ({ values: [], clusters: [] });
  const alone = (): Values => ({ values: [], clusters: null });
  const of: Record<TargetMetric, Values> = {
    localShare: byItem(),
    fallbackShare: byItem(),
    quality: byItem(),
    "latencyMs.p50": alone(),
    "latencyMs.p95": alone(),
    "latencyMs.p99": alone(),
    monthlyUsd: byItem(),
    uptime: alone(),
  };
  const visit = (row: SampleRow): void => {
    if (row.status === "contaminated") return;
    const { by, why } = routeOf(row);
    counts[by]++;
    if (why !== null) reasons[why] = (reasons[why] ?? 0) + 1;
    const add = (metric: TargetMetric, value: number | null | undefined): void => {
      if (value === null || value === undefined) return;
      of[metric].values.push(value);
      of[metric].clusters?.push(row.cluster ?? row.sampleId);
    };
    add("localShare", by === "local" ? 1 : 0);
    add("fallbackShare", by === "fallback" ? 1 : 0);
    add("uptime", by === "failed" ? 0 : 1);
    if (by === "failed") return;
    add("quality", row.scores[primary]?.value);
    add("monthlyUsd", row.costUsd);
    for (const metric of ["latencyMs.p50", "latencyMs.p95", "latencyMs.p99"] as const)
      add(metric, row.latencyMs);
  };
  return { visit, end: () => ({ ...counts, reasons, of }) };
}

function routeOf(row: SampleRow): {
  readonly by: "local" | "fallback" | "failed";
  readonly why: string | null;
} {
  if (row.status === "failed") return { by: "failed", why: null };
  const columns = (row["columns"] ?? {}) as { readonly answeredBy?: unknown; readonly fallbackWhy?: unknown };
  const why = typeof columns.fallbackWhy === "string" ? columns.fallbackWhy : null;
  return { by: columns.answeredBy === "fallback" ? "fallback" : "local", why };
}

const METRICS: readonly TargetMetric[] = [
  "localShare",
  "fallbackShare",
  "quality",
  "latencyMs.p50",
  "latencyMs.p95",
  "latencyMs.p99",
  "monthlyUsd",
  "uptime",
];

/**
 * Every figure with its interval, held against its target. Met: the whole interval lies on the right
 * side, at alpha one-sided. Missed: the whole interval lies beyond, at alpha over the number of targets,
 * since any one of them is enough for a no-go. Everything else is open.
 */
export function readTargets(gathered: Gathered, targets: Targets): readonly TargetReading[] {
  return METRICS.map((metric) => readOne(metric, gathered.of[metric], targets));
}

interface Limit {
  readonly atLeast?: number;
  readonly atMost?: number;
}

function readOne(metric: TargetMetric, { values, clusters }: Values, targets: Targets): TargetReading {
  const limit: Limit = targets.targets[metric] ?? {};
  const isAsked = limit.atLeast !== undefined || limit.atMost !== undefined;
  const scale = metric === "monthlyUsd" ? targets.tasksPerMonth : 1;
  const scaled = values.map((value) => value * scale);
  const at = (alpha: number): Interval | Refused => intervalOf(metric, { values: scaled, clusters }, alpha);
  const [read, strict] = [at(targets.alpha), at(targets.alpha / Object.keys(targets.targets).length)];
  const shared = { metric, n: values.length, ...limit };
  if (isRefused(read)) {
    const blank = { estimate: pointOf(metric, scaled), lower: null, upper: null, estimator: null };
    return { ...shared, ...blank, standing: isAsked ? "open" : "shown", refused: read.reason };
  }
  const isBad = !isRefused(strict) && isMissed(strict, limit);
  const standing = !isAsked ? "shown" : isMet(read, limit) ? "met" : isBad ? "missed" : "open";
  return { ...shared, ...read, standing, refused: null };
}

/** A figure that too few tasks give no interval: a percentile, a mean of equal values. */
function pointOf(metric: TargetMetric, values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const { quantile: p } = metricName(metric);
  const at = p === null ? sum(values) / values.length : quantile(values, p);
  return isRefused(at) ? null : at;
}

interface Interval {
  readonly estimate: number;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly estimator: string;
}

function isMet({ lower, upper }: Interval, { atLeast, atMost }: Limit): boolean {
  if (atLeast !== undefined) return lower !== null && lower >= atLeast;
  return atMost !== undefined && upper !== null && upper <= atMost;
}

function isMissed({ lower, upper }: Interval, { atLeast, atMost }: Limit): boolean {
  if (atLeast !== undefined) return upper !== null && upper < atLeast;
  return atMost !== undefined && lower !== null && lower > atMost;
}

/** The interval that a policy's floor would be read by. */
function intervalOf(metric: TargetMetric, { values, clusters }: Values, alpha: number): Interval | Refused {
  const [first] = values;
  if (first === undefined) return refused("no task has this figure");
  // Priced by a table, equal counts cost the same: that is known, not sampled.
  if (metric === "monthlyUsd" && values.every((value) => value === first))
    return { estimate: first, lower: first, upper: first, estimator: "constant@1" };
  const { quantile: p, field } = metricName(metric);
  const isBinary = values.every((value) => value === 0 || value === 1);
  const paired = { field, quantile: p, sampleIds: [], baseline: [], candidate: values, dropped: 0, isBinary };
  const own = clusters !== null && new Set(clusters).size < clusters.length ? clusters : null;
  const read = readFloor({ ...paired, clusters: own }, { metric, atLeast: 0, alpha });
  if (isRefused(read)) return read;
  const { estimate, lower, upper, estimator } = read;
  return { estimate, lower, upper, estimator };
}

/** go: every target is met. no-go: one is missed. Without a target nothing can be a go. */
export function verdictOf(readings: readonly TargetReading[]): "go" | "no-go" | "inconclusive" {
  const standings = readings.map(({ standing }) => standing).filter((standing) => standing !== "shown");
  if (standings.includes("missed")) return "no-go";
  return standings.length > 0 && standings.every((standing) => standing === "met") ? "go" : "inconclusive";
}
