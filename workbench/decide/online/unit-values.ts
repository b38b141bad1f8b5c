import type { MetricEffect } from "../../schema/decision.ts";
import type { Policy } from "../../schema/policy.ts";
import { quantileOf } from "../../stats/group-quantile.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";
import { metricName } from "../metric.ts";
import type { Look } from "./looks.ts";
import { onlineMetric, type OnlineMetric } from "./metrics.ts";
import type { QuantileArms } from "./quantile-window.ts";
import type { MetricSums } from "./readings.ts";
import { armTotals, strataOf } from "./strata.ts";
import type { UnitValues } from "./unit-reading.ts";

/** Everything an experiment's effects are computed from. */
export interface UnitEvidence {
  readonly sums: readonly MetricSums[];
  readonly slices: readonly MetricSums[];
  /** By the metric's whole name, such as `latencyMs.p95`. */
  readonly quantiles: Readonly<Record<string, QuantileArms>>;
}

/** How effects are read: the rules, the look and the seed of every draw. */
export interface EffectPlan {
  readonly policy: Policy;
  readonly look: Look;
  readonly seed: number;
}

/** What the units gave for one metric, of all or of a slice. */
export function valuesOf(evidence: UnitEvidence, metric: string, slice?: string): UnitValues | Refused {
  const { field, quantile } = metricName(metric);
  const known = onlineMetric(field);
  if (known === null) return refused(`the logs have no ${field}`);
  if (quantile !== null && slice !== undefined) return refused("a quantile is not read by slice");
  const from = slice === undefined ? evidence.sums : evidence.slices;
  return {
    metric: known,
    strata: strataOf(from, field, slice ?? null),
    quantile,
    arms: quantile === null ? null : (evidence.quantiles[metric] ?? null),
  };
}

/** A metric with its levels and counts, before any difference is read. */
export function blankEffect(values: UnitValues | Refused, metric: string): MetricEffect {
  const known: OnlineMetric | null = isRefused(values) ? null : values.metric;
  const summary = (arm: "baseline" | "candidate"): number | null => {
    if (isRefused(values)) return null;
    if (values.quantile !== null) {
      const found = values.arms?.[arm];
      if (found === undefined || found.values.length === 0) return null;
      return (
        quantileOf(found, new Uint32Array(found.totals.length).fill(1), values.quantile) / values.metric.scale
      );
    }
    const { numerator, denominator } = armTotals(values.strata, arm);
    return denominator > 0n ? Number(numerator) / Number(denominator) / values.metric.scale : null;
  };
  const count = (arm: "baseline" | "candidate"): number =>
    isRefused(values) ? 0 : Number(armTotals(values.strata, arm).units);
  const units = count("baseline") + count("candidate");
  return {
    metric,
    role: "shown",
    better: "higher",
    estimator: "none",
    n: units,
    dropped: 0,
    clusters: units,
    baseline: summary("baseline"),
    candidate: summary("candidate"),
    ...{ estimate: null, lower: null, upper: null, level: null, p: null, margin: null, passed: null },
    ...{ nNeeded: null, nNeededAsPlanned: null, nNeededAsSeen: null, refused: null, alpha: null, rule: null },
    ...{ reading: null, harmReading: null, slice: null, pAdjusted: null },
    unit: known?.unit ?? "score",
  };
}
