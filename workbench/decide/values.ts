import { sum } from "../stats/sum.ts";
import { metricName, metricValue } from "./metric.ts";
import type { Item } from "./pairs.ts";

/** One metric over the complete pairs, reduced to one number per item and arm. */
export interface PairedValues {
  readonly field: string;
  readonly quantile: number | null;
  readonly sampleIds: readonly string[];
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  /** Null when every item stands alone. */
  readonly clusters: readonly string[] | null;
  /** Items that had no number in one arm or in both. */
  readonly dropped: number;
  /** True when every value is one 0/1 answer. */
  readonly isBinary: boolean;
}

/**
 * Epochs are averaged per item and arm before anything else: repeats are not samples. An item
 * without a number in either arm is dropped as a pair and counted.
 */
export function pairedValues(items: readonly Item[], metric: string): PairedValues {
  const { field, quantile } = metricName(metric);
  const kept: { item: Item; a: number; b: number }[] = [];
  let isSingle = true;
  for (const item of items) {
    const a = numbers(item.baseline, field);
    const b = numbers(item.candidate, field);
    if (a.length === 0 || b.length === 0) continue;
    if (a.length > 1 || b.length > 1) isSingle = false;
    kept.push({ item, a: mean(a), b: mean(b) });
  }
  const baseline = kept.map((one) => one.a);
  const candidate = kept.map((one) => one.b);
  const isAnswer = (value: number): boolean => value === 0 || value === 1;
  return {
    field,
    quantile,
    sampleIds: kept.map((one) => one.item.sampleId),
    baseline,
    candidate,
    clusters: clusterNames(kept.map((one) => one.item)),
    dropped: items.length - kept.length,
    isBinary: kept.length > 0 && isSingle && baseline.every(isAnswer) && candidate.every(isAnswer),
  };
}

function numbers(rows: Item["baseline"], field: string): readonly number[] {
  return rows.map((row) => metricValue(row, field)).filter((value) => value !== null);
}

/** The mean of 0/1 answers in one epoch is the answer itself. */
function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Names of clusters that really hold several items; an item without a cluster is its own. */
function clusterNames(items: readonly Item[]): readonly string[] | null {
  const names = items.map((item) =>
    item.cluster === null ? `sample:${item.sampleId}` : `cluster:${item.cluster}`,
  );
  return new Set(names).size < names.length ? names : null;
}

/** Mean of a list, or its quantile where the metric is one; null for nothing. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values);
}
