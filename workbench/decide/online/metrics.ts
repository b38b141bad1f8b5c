import type { Unit } from "../metric.ts";

/** A number that logged calls carry, as `sql/logged.sql` names it: whole numbers in its smallest unit. */
export interface OnlineMetric {
  readonly unit: Unit;
  /** Smallest units in one of the metric's own: 1000 µs are a millisecond. */
  readonly scale: number;
  readonly isBinary: boolean;
}

const metric = (unit: Unit, scale: number, isBinary = false): OnlineMetric => ({ unit, scale, isBinary });

/** What an experiment can measure in the logs. Names are those of offline rows. */
export const ONLINE_METRICS: Readonly<Record<string, OnlineMetric>> = {
  success: metric("share", 1, true),
  errorRate: metric("share", 1, true),
  hallucination: metric("share", 1, true),
  quality: metric("score", 1e9),
  latencyMs: metric("ms", 1e3),
  ttftMs: metric("ms", 1e3),
  inputTokens: metric("tokens", 1),
  outputTokens: metric("tokens", 1),
  cachedTokens: metric("tokens", 1),
  costUsd: metric("usd", 1e9),
};

export function onlineMetric(field: string): OnlineMetric | null {
  return Object.hasOwn(ONLINE_METRICS, field) ? (ONLINE_METRICS[field] as OnlineMetric) : null;
}
