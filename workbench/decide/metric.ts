import type { SampleRow } from "../schema/run.ts";

export type Unit = "share" | "ms" | "usd" | "tokens" | "score";

/** A metric's name taken apart: `latencyMs.p95` is the field latencyMs and the quantile 0.95. */
export interface MetricName {
  readonly field: string;
  readonly quantile: number | null;
}

/** Worked value: `metricName("latencyMs.p99")` is field latencyMs, quantile 0.99. */
export function metricName(metric: string): MetricName {
  const dot = metric.lastIndexOf(".p");
  if (dot < 0) return { field: metric, quantile: null };
  return { field: metric.slice(0, dot), quantile: Number(metric.slice(dot + 2)) / 100 };
}

/** Numbers that rows carry beside their scores. */
const FIELDS = ["latencyMs", "ttftMs", "inputTokens", "outputTokens", "cachedTokens", "costUsd"] as const;

/**
 * One row's number for a metric; null where it has none. A failed row has no score, whatever it
 * carries: an error is not a wrong answer, and only `errorRate` counts it.
 */
export function metricValue(row: SampleRow, field: string): number | null {
  if (field === "errorRate") return row.status === "contaminated" ? null : row.status === "failed" ? 1 : 0;
  if (row.status !== "scored") return null;
  const value = rawValue(row, field);
  return value !== null && Number.isFinite(value) ? value : null;
}

function rawValue(row: SampleRow, field: string): number | null {
  const score = Object.hasOwn(row.scores, field) ? row.scores[field] : undefined;
  if (score) return score.value;
  if (field === "success") return row.success === null ? null : Number(row.success);
  const known = FIELDS.find((name) => name === field);
  return known ? row[known] : null;
}

/** True for metrics that are scores, which a broken scorer can make constant. */
export function isScore(field: string): boolean {
  return field !== "errorRate" && !FIELDS.some((name) => name === field);
}

/** The unit a metric is printed in; a score is a share when every value lies in [0, 1]. */
export function unitOf(field: string, values: readonly number[]): Unit {
  if (field === "latencyMs" || field === "ttftMs") return "ms";
  if (field === "costUsd") return "usd";
  if (field.endsWith("Tokens")) return "tokens";
  return values.every((value) => value >= 0 && value <= 1) ? "share" : "score";
}
