import { normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import { seeded } from "./random.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/**
 * One arm for a quantile: how many values each group of units has in all and below a window, and the
 * values inside the window in rising order with their group. Only values near the quantile can become
 * it in a resample, so that the rest need not leave the database.
 */
export interface QuantileArm {
  readonly totals: readonly number[];
  readonly below: readonly number[];
  readonly values: readonly number[];
  readonly groups: readonly number[];
}

export interface GroupQuantilePlan {
  readonly p: number;
  readonly alpha: number;
  readonly seed: string | number;
  /** Contrast candidate − ratio·baseline. */
  readonly ratio?: number;
  readonly replicates?: number;
}

const REPLICATES = 2_000;

/**
 * Contrast of two quantiles by bootstrap of whole groups of units (each unit its own group while there
 * are few), drawn apart in each arm. Percentile limits where the replicates reach that far into the tail, else
 * estimate ± z·SE. Refused unless n·(1 − p) ≥ 10 values lie beyond it in each arm.
 * Source: Cameron, Gelbach & Miller 2008. Worked value: see the property that it agrees with
 * `quantileContrast` on the same units.
 */
export function groupQuantile(
  baseline: QuantileArm,
  candidate: QuantileArm,
  plan: GroupQuantilePlan,
): Estimate | Refused {
  const { p, alpha, ratio = 1, replicates = REPLICATES } = plan;
  const bad = badAlpha(alpha) ?? badArm(baseline, p, "baseline") ?? badArm(candidate, p, "candidate");
  if (bad) return bad;
  const random = seeded(plan.seed);
  const draw = ({ totals }: QuantileArm): Uint32Array => {
    const into = new Uint32Array(totals.length);
    random.fillBelow(into, totals.length);
    const weights = new Uint32Array(totals.length);
    for (const at of into) weights[at] = (weights[at] as number) + 1;
    return weights;
  };
  const found = new Float64Array(replicates).map(
    () => quantileOf(candidate, draw(candidate), p) - ratio * quantileOf(baseline, draw(baseline), p),
  );
  const ones = ({ totals }: QuantileArm): Uint32Array => new Uint32Array(totals.length).fill(1);
  const estimate =
    quantileOf(candidate, ones(candidate), p) - ratio * quantileOf(baseline, ones(baseline), p);
  return intervalOf(found, { estimate, alpha, groups: [baseline, candidate] });
}

interface Found {
  readonly estimate: number;
  readonly alpha: number;
  readonly groups: readonly QuantileArm[];
}

function intervalOf(found: Float64Array, { estimate, alpha, groups }: Found): Estimate | Refused {
  if (found.every((value) => value === found[0])) return refused("zero-variance: the quantiles do not vary");
  const values = [...found];
  const mean = sumOf(values, (value) => value) / values.length;
  const spread = sumOf(values, (value) => (value - mean) * (value - mean)) / (values.length - 1);
  const standardError = Math.sqrt(spread);
  const sorted = found.sort();
  const at = alpha * (sorted.length + 1) - 1;
  const isFar = at < 9;
  const half = normalUpperQuantile(alpha) * standardError;
  const place = Math.max(0, Math.floor(at));
  return estimateOf({
    estimator: "quantile-units@1",
    n: sumOf(groups, ({ totals }) => sumOf(totals, (total) => total)),
    estimate,
    lower: isFar ? estimate - half : (sorted[place] as number),
    upper: isFar ? estimate + half : (sorted[sorted.length - 1 - place] as number),
    alpha,
    standardError,
    clusters: sumOf(groups, ({ totals }) => totals.length),
  });
}

/** Type-7 quantile of the resample that holds each group `weights` times; what falls outside the window is its end. */
export function quantileOf(
  { totals, below, values, groups }: QuantileArm,
  weights: Uint32Array,
  p: number,
): number {
  let size = 0;
  let seen = 0;
  for (let i = 0; i < totals.length; i++) {
    const weight = weights[i] as number;
    size += weight * (totals[i] as number);
    seen += weight * (below[i] as number);
  }
  const at = (size - 1) * p;
  const rank = Math.floor(at);
  let low = values[0] as number;
  for (let i = 0; i < values.length; i++) {
    const before = seen;
    seen += weights[groups[i] as number] as number;
    if (before <= rank && seen > rank) low = values[i] as number;
    if (seen > rank + 1) return low + ((values[i] as number) - low) * (at - rank);
  }
  return seen > rank ? low : (values.at(-1) as number);
}

function badArm({ totals, values, below, groups }: QuantileArm, p: number, arm: string): Refused | undefined {
  if (!(p > 0 && p < 1)) return refused(`quantile must lie between 0 and 1, got ${p}`);
  if (totals.length < 2) return refused(`${arm} has ${totals.length} units where at least 2 are needed`);
  if (values.length === 0 || values.length !== groups.length || below.length !== totals.length)
    return refused(`${arm} has no values around its quantile`);
  const n = sumOf(totals, (total) => total);
  if (n * (1 - p) >= 10 - 1e-9) return undefined;
  return refused(`quantile-n: ${arm} has ${n} values, ${Math.ceil(10 / (1 - p) - 1e-9)} are needed`);
}
