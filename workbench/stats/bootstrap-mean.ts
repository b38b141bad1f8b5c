import { binomialDraw } from "./binomial-draw.ts";
import { clusterSums } from "./cluster-sums.ts";
import type { ClusteredValues } from "./clustered-mean.ts";
import { bcaEnds, type BootstrapPlan, replicateEstimate } from "./bootstrap.ts";
import type { Estimate } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { seeded } from "./random.ts";
import { refused, type Refused } from "./refused.ts";
import { sum, sumOf } from "./sum.ts";

interface Group {
  readonly total: number;
  readonly size: number;
  /** How many clusters have exactly this total and size. */
  count: number;
}

/**
 * Bootstrap interval of a mean by whole clusters (each value its own without `clusters`).
 * When the distinct clusters are few (m ≤ max(64, C/50)) the m counts of a resample are drawn
 * by conditional binomials: the same law as resampling rows, at O(m) a replicate.
 * Refused: constant data, fewer than 2 clusters. Source: Efron 1987; Cameron et al. 2008.
 */
export function bootstrapMean(
  input: ClusteredValues,
  alpha: number,
  plan: BootstrapPlan,
): Estimate | Refused {
  const bad = badValues(input.values, 2) ?? badAlpha(alpha);
  if (bad) return bad;
  const clusters = clusterTotals(input);
  if ("kind" in clusters) return clusters;
  const groups = grouped(clusters);
  const count = clusters.length;
  if (count < 2) return refused("fewer than 2 clusters");
  const only = input.values[0];
  if (input.values.every((value) => value === only)) return refused("all values are equal");
  const n = input.values.length;
  const estimate = sum(input.values) / n;
  const few = groups.length <= Math.max(64, count / 50);
  const replicates = few ? multinomialMeans(groups, count, plan) : rowMeans(clusters, plan);
  const ends =
    plan.method === "bca" ? bcaEnds(jackknife(groups, n, estimate), { replicates, estimate, alpha }) : {};
  return replicateEstimate({
    replicates,
    estimate,
    alpha,
    n,
    clusters: count,
    method: plan.method ?? "percentile",
    ...ends,
  });
}

function clusterTotals({ values, clusters }: ClusteredValues): readonly Group[] | Refused {
  if (!clusters) return values.map((total) => ({ total, size: 1, count: 1 }));
  if (clusters.length !== values.length) {
    return refused(`${values.length} values but ${clusters.length} cluster names`);
  }
  const { totals, sizes } = clusterSums(values, clusters);
  return totals.map((total, at) => ({ total, size: sizes[at] as number, count: 1 }));
}

/** Equal clusters folded into one group with a count, in order of first appearance. */
function grouped(clusters: readonly Group[]): readonly Group[] {
  const bySize = new Map<number, Map<number, Group>>();
  const groups: Group[] = [];
  for (const cluster of clusters) {
    let byTotal = bySize.get(cluster.size);
    if (!byTotal) bySize.set(cluster.size, (byTotal = new Map<number, Group>()));
    const seen = byTotal.get(cluster.total);
    if (seen) seen.count++;
    else {
      const group = { ...cluster };
      byTotal.set(cluster.total, group);
      groups.push(group);
    }
  }
  return groups;
}

function multinomialMeans(groups: readonly Group[], clusters: number, plan: BootstrapPlan): Float64Array {
  const random = seeded(plan.seed);
  const means = new Float64Array(plan.replicates ?? 10_000);
  for (let r = 0; r < means.length; r++) {
    let left = clusters;
    let weight = clusters;
    let [total, size] = [0, 0];
    for (const group of groups) {
      const drawn = group.count === weight ? left : binomialDraw(random, left, group.count / weight);
      total += drawn * group.total;
      size += drawn * group.size;
      left -= drawn;
      weight -= group.count;
      if (left === 0) break;
    }
    means[r] = total / size;
  }
  return means;
}

/** Rows are drawn in blocks, so that the indexes of one stay in the nearest cache. */
const BLOCK = 4096;

function rowMeans(clusters: readonly Group[], plan: BootstrapPlan): Float64Array {
  const random = seeded(plan.seed);
  const totals = Float64Array.from(clusters, (cluster) => cluster.total);
  const sizes = clusters.some((cluster) => cluster.size !== 1)
    ? Float64Array.from(clusters, (cluster) => cluster.size)
    : null;
  const means = new Float64Array(plan.replicates ?? 10_000);
  const block = new Uint32Array(Math.min(BLOCK, totals.length));
  for (let r = 0; r < means.length; r++) {
    let [total, size] = [0, 0];
    for (let left = totals.length; left > 0; left -= block.length) {
      const drawn = left < block.length ? block.subarray(0, left) : block;
      random.fillBelow(drawn, totals.length);
      total += sumAt(totals, drawn);
      size += sizes ? sumAt(sizes, drawn) : drawn.length;
    }
    means[r] = total / size;
  }
  return means;
}

function sumAt(values: Float64Array, at: Uint32Array): number {
  let total = 0;
  for (let i = 0; i < at.length; i++) total += values[at[i] as number] as number;
  return total;
}

/** Acceleration from leaving out one cluster at a time, each group weighted by its count. */
function jackknife(groups: readonly Group[], n: number, mean: number): number {
  const left = groups.map((g) => (mean * n - g.total) / (n - g.size));
  const clusters = sumOf(groups, (g) => g.count);
  const centre = sumOf(groups, (g, i) => g.count * (left[i] as number)) / clusters;
  const squares = sumOf(groups, (g, i) => g.count * (centre - (left[i] as number)) ** 2);
  const cubes = sumOf(groups, (g, i) => g.count * (centre - (left[i] as number)) ** 3);
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
}
