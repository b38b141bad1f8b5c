import { normalLower, normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import { seeded } from "./random.ts";
import { refused, type Refused } from "./refused.ts";
import { sum, sumOf } from "./sum.ts";

/** How a bootstrap is drawn; the same seed gives the same bits. Default: 10,000 replicates, percentile. */
export interface BootstrapPlan {
  readonly seed: string | number;
  readonly replicates?: number;
  readonly method?: "percentile" | "bca";
}

/**
 * Bootstrap interval of any statistic of independent clusters (users, conversations, items).
 * The statistic gets a resampled list of clusters and returns a number. BCa corrects bias and
 * skew with the jackknife acceleration. Refused: fewer than 2 clusters, a statistic that does
 * not vary or is not finite. Source: Efron 1987. For a plain mean use `bootstrapMean`.
 */
export function bootstrap<Cluster>(
  clusters: readonly Cluster[],
  statistic: (sample: readonly Cluster[]) => number,
  { alpha, ...plan }: BootstrapPlan & { readonly alpha: number },
): Estimate | Refused {
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const n = clusters.length;
  if (n < 2) return refused("fewer than 2 clusters");
  const estimate = statistic(clusters);
  if (!Number.isFinite(estimate)) return refused("the statistic is not finite on the data");
  const replicates = resampled(clusters, statistic, plan);
  if (replicates.some((value) => !Number.isFinite(value))) {
    return refused("the statistic is not finite on some resamples");
  }
  if (replicates.every((value) => value === replicates[0])) return refused("the statistic does not vary");
  const method = plan.method ?? "percentile";
  const ends =
    method === "bca" ? bcaEnds(acceleration(clusters, statistic), { replicates, estimate, alpha }) : {};
  return replicateEstimate({ replicates, estimate, alpha, n, clusters: n, method, ...ends });
}

function resampled<Cluster>(
  clusters: readonly Cluster[],
  statistic: (sample: readonly Cluster[]) => number,
  plan: BootstrapPlan,
): Float64Array {
  const random = seeded(plan.seed);
  const replicates = new Float64Array(plan.replicates ?? 10_000);
  const sample = [...clusters];
  for (let r = 0; r < replicates.length; r++) {
    for (let i = 0; i < sample.length; i++) sample[i] = clusters[random.below(sample.length)] as Cluster;
    replicates[r] = statistic(sample);
  }
  return replicates;
}

function acceleration<Cluster>(
  clusters: readonly Cluster[],
  statistic: (sample: readonly Cluster[]) => number,
): number {
  const left = clusters.map((_, i) => statistic(clusters.filter((_cluster, j) => j !== i)));
  const centre = sum(left) / left.length;
  const squares = sumOf(left, (value) => (centre - value) ** 2);
  const cubes = sumOf(left, (value) => (centre - value) ** 3);
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
}

interface Replicates {
  readonly replicates: Float64Array;
  readonly estimate: number;
  readonly alpha: number;
}

/** The two probabilities at which a BCa interval reads the replicates. */
export interface Ends {
  readonly lowAt?: number;
  readonly highAt?: number;
}

/**
 * BCa: Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z))) for z = ∓z_α; z₀ from the share of replicates below the
 * estimate, ties counted half (discrete data would bias it otherwise).
 */
export function bcaEnds(a: number, { replicates, estimate, alpha }: Replicates): Ends {
  let below = 0;
  for (const value of replicates) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const share = Math.min(replicates.length - 0.5, Math.max(0.5, below)) / replicates.length;
  const bias = -normalUpperQuantile(share);
  const z = normalUpperQuantile(alpha);
  const at = (end: number): number => normalLower(bias + (bias + end) / (1 - a * (bias + end)));
  return { lowAt: at(-z), highAt: at(z) };
}

/** An interval read off sorted replicates at (n+1)·p, linear between neighbours. */
export function replicateEstimate(
  parts: Replicates & Ends & { readonly n: number; readonly clusters: number; readonly method: string },
): Estimate {
  const { replicates, estimate, alpha, n, clusters, method } = parts;
  const sorted = Float64Array.from(replicates).sort();
  const mean = sumOf([...sorted], (value) => value) / sorted.length;
  const squares = sumOf([...sorted], (value) => (value - mean) ** 2);
  return estimateOf({
    estimator: `bootstrap-${method}@2`,
    n,
    estimate,
    lower: readAt(sorted, parts.lowAt ?? alpha),
    upper: readAt(sorted, parts.highAt ?? 1 - alpha),
    alpha,
    standardError: Math.sqrt(squares / (sorted.length - 1)),
    clusters,
  });
}

function readAt(sorted: Float64Array, p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(sorted.length - 1, below + 1)] as number;
  return low + (high - low) * (at - below);
}
