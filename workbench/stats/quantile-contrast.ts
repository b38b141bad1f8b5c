import { replicateEstimate, type BootstrapPlan } from "./bootstrap.ts";
import type { ClusteredValues } from "./clustered-mean.ts";
import type { Estimate } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { seeded } from "./random.ts";
import { quantile } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";

/** Two arms and the contrast of their p-quantiles: q(candidate) − ratio·q(baseline). */
export interface QuantileContrast extends Omit<BootstrapPlan, "method"> {
  readonly baseline: ClusteredValues;
  readonly candidate: ClusteredValues;
  readonly p: number;
  /** 1 for the difference, 1.05 for "at most 5 % more". Default 1. */
  readonly ratio?: number;
  /** Both arms saw the same clusters (items): a resample draws the same ones in both. */
  readonly paired?: boolean;
  readonly alpha: number;
}

/**
 * Percentile bootstrap by whole clusters of the contrast of two quantiles. Refused unless
 * n·(1 − p) ≥ 10 values lie beyond the quantile in each arm (P95: 200, P99: 1,000 values).
 * Cost of a replicate: n draws, and one pass over the values beyond the quantile. Source: David & Nagaraja; Cameron et al. 2008.
 */
export function quantileContrast(question: QuantileContrast): Estimate | Refused {
  const { baseline, candidate, p, ratio = 1, alpha } = question;
  const bad = badAlpha(alpha) ?? badArm(baseline, p, "baseline") ?? badArm(candidate, p, "candidate");
  if (bad) return bad;
  const [a, b] = [prepared(baseline), prepared(candidate)];
  if (question.paired && !sameNames(a, b)) return refused("paired arms must hold the same clusters");
  if (a.names.length < 2 || b.names.length < 2) return refused("fewer than 2 clusters in an arm");
  const random = seeded(question.seed);
  const draw = (weights: Int32Array, drawn: Uint32Array): void => {
    random.fillBelow(drawn, weights.length);
    weights.fill(0);
    for (let i = 0; i < drawn.length; i++) {
      const at = drawn[i] as number;
      weights[at] = (weights[at] as number) + 1;
    }
  };
  const partner = question.paired ? partners(a, b) : null;
  const [weightsA, weightsB] = [new Int32Array(a.names.length), new Int32Array(b.names.length)];
  const [drawnA, drawnB] = [new Uint32Array(weightsA.length), new Uint32Array(weightsB.length)];
  const replicates = new Float64Array(question.replicates ?? 2_000);
  for (let r = 0; r < replicates.length; r++) {
    draw(weightsA, drawnA);
    if (partner)
      for (let i = 0; i < partner.length; i++) weightsB[i] = weightsA[partner[i] as number] as number;
    else draw(weightsB, drawnB);
    replicates[r] = weightedQuantile(b, weightsB, p) - ratio * weightedQuantile(a, weightsA, p);
  }
  if (replicates.every((value) => value === replicates[0])) return refused("the quantiles do not vary");
  const estimate =
    (quantile(candidate.values, p) as number) - ratio * (quantile(baseline.values, p) as number);
  const n = baseline.values.length + candidate.values.length;
  const clusters = question.paired ? a.names.length : a.names.length + b.names.length;
  return {
    ...replicateEstimate({ replicates, estimate, alpha, n, clusters, method: "percentile" }),
    estimator: "quantile-contrast@2",
  };
}

/** Values in rising order, each with the index of its cluster. */
interface Prepared {
  readonly values: Float64Array;
  readonly owners: Int32Array;
  readonly names: readonly (string | number)[];
  /** How many values each cluster has. */
  readonly sizes: Int32Array;
}

function prepared({ values, clusters }: ClusteredValues): Prepared {
  const names = clusters ? [...new Set(clusters)] : values.map((_, i) => i);
  const index = new Map(names.map((name, i) => [name, i]));
  const order = values
    .map((_, i) => i)
    .sort((x, y) => (values[x] as number) - (values[y] as number) || x - y);
  const owners = Int32Array.from(order, (i) => index.get(clusters ? (clusters[i] as string) : i) as number);
  const sizes = new Int32Array(names.length);
  for (const owner of owners) sizes[owner] = (sizes[owner] as number) + 1;
  return { values: Float64Array.from(order, (i) => values[i] as number), owners, names, sizes };
}

/** For each cluster of one arm, where the other arm has it. */
function partners(from: Prepared, to: Prepared): Int32Array {
  const index = new Map(from.names.map((name, i) => [name, i]));
  return Int32Array.from(to.names, (name) => index.get(name) as number);
}

/** Type-7 quantile of the resample that holds each value as often as its cluster was drawn. */
function weightedQuantile(arm: Prepared, weights: Int32Array, p: number): number {
  let size = 0;
  for (let i = 0; i < weights.length; i++) size += (weights[i] as number) * (arm.sizes[i] as number);
  const at = (size - 1) * p;
  const below = Math.floor(at);
  const [low, high] = p < 0.5 ? fromBelow(arm, weights, below) : fromAbove(arm, weights, size - 1 - below);
  return low + (high - low) * (at - below);
}

/** The resample's values at rank k and k + 1, counted from 0 at the smallest; the last one has no next. */
function fromBelow({ values, owners }: Prepared, weights: Int32Array, k: number): readonly [number, number] {
  let seen = 0;
  let low: number | null = null;
  for (let i = 0; i < values.length; i++) {
    seen += weights[owners[i] as number] as number;
    if (low === null && seen > k) low = values[i] as number;
    if (low !== null && seen > k + 1) return [low, values[i] as number];
  }
  return [low ?? Number.NaN, low ?? Number.NaN];
}

/** The same counted from the largest: rank k is `low`, and rank k − 1 the value above it. */
function fromAbove({ values, owners }: Prepared, weights: Int32Array, k: number): readonly [number, number] {
  let seen = 0;
  let high: number | null = null;
  for (let i = values.length - 1; i >= 0; i--) {
    seen += weights[owners[i] as number] as number;
    if (high === null && seen > k - 1) high = values[i] as number;
    if (high !== null && seen > k) return [values[i] as number, high];
  }
  return [Number.NaN, Number.NaN];
}

function sameNames(a: Prepared, b: Prepared): boolean {
  const names = new Set(a.names);
  return a.names.length === b.names.length && b.names.every((name) => names.has(name));
}

function badArm({ values, clusters }: ClusteredValues, p: number, arm: string): Refused | undefined {
  if (!(p > 0 && p < 1)) return refused(`quantile must lie between 0 and 1, got ${p}`);
  const bad = badValues(values, 2, `${arm} value`);
  if (bad) return bad;
  if (clusters && clusters.length !== values.length)
    return refused(`${arm} has another number of cluster names`);
  const beyond = values.length * (1 - p);
  if (beyond >= 10 - 1e-9) return undefined;
  return refused(
    `quantile-n: ${arm} has ${values.length} values, ${Math.ceil(10 / (1 - p) - 1e-9)} are needed`,
  );
}
