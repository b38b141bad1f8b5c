import { binomialLower, binomialUpper } from "./distribution.ts";
import { pow } from "./elementary.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badValues } from "./input.ts";
import { quantile } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";

/** Which quantile, at which one-sided alpha: `{p: 0.95, alpha: 0.025}`. */
export interface QuantileAt {
  readonly p: number;
  readonly alpha: number;
}

/**
 * Order-statistic interval of the p-quantile, exact for any continuous distribution: the limits
 * are the values of ranks l and u with P(Bin(n,p) ≥ u) ≤ α and P(Bin(n,p) < l) ≤ α.
 * The point estimate is the type-7 quantile. Refused where an end is unbounded (too few values):
 * the upper end of P95 needs 72, of P99 368 values at alpha 0.025. Source: David & Nagaraja 2003.
 * Worked value: the median of 1…9 at alpha 0.025 gives 5, 2…8.
 */
export function quantileInterval(values: readonly number[], at: QuantileAt): Estimate | Refused {
  const bad = badRequest(values, at);
  if (bad) return bad;
  const { p, alpha } = at;
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  const low = lowRank(n, at);
  const high = highRank(n, at);
  if (low < 1) return refused(`lower limit of quantile ${p} is unbounded with ${n} values`);
  if (high > n) return refused(`upper limit of quantile ${p} is unbounded with ${n} values`);
  return estimateOf({
    estimator: "order-statistic@1",
    n,
    estimate: quantile(values, p) as number,
    lower: sorted[low - 1] as number,
    upper: sorted[high - 1] as number,
    alpha,
  });
}

/** The upper limit alone, one-sided at alpha: what a guardrail "not above" needs. */
export function quantileUpperLimit(values: readonly number[], at: QuantileAt): number | Refused {
  const bad = badRequest(values, at);
  if (bad) return bad;
  const rank = highRank(values.length, at);
  if (rank > values.length) {
    return refused(`upper limit of quantile ${at.p} is unbounded with ${values.length} values`);
  }
  return Float64Array.from(values).sort()[rank - 1] as number;
}

/**
 * The least n with a finite upper limit: the smallest n with pⁿ ≤ α.
 * Worked values at alpha 0.025: 72 for P95, 368 for P99.
 */
export function quantileLeastN({ p, alpha }: QuantileAt): number {
  let n = 1;
  while (pow(p, n) > alpha) n++;
  return n;
}

/** Smallest u with P(Bin(n,p) ≥ u) ≤ α: then P(X₍ᵤ₎ < quantile) ≤ α. n + 1 is unbounded. */
function highRank(n: number, { p, alpha }: QuantileAt): number {
  return search(1, n + 1, (u) => binomialUpper(u, n, p) <= alpha);
}

/** Largest l with P(Bin(n,p) ≤ l − 1) ≤ α; 0 is unbounded. */
function lowRank(n: number, { p, alpha }: QuantileAt): number {
  return search(1, n + 1, (l) => binomialLower(l - 1, n, p) > alpha) - 1;
}

/** The first whole number in [low, high] for which a monotone test holds, or high. */
function search(low: number, high: number, holds: (x: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function badRequest(values: readonly number[], { p, alpha }: QuantileAt): Refused | undefined {
  if (!(p > 0 && p < 1)) return refused(`quantile must lie between 0 and 1, got ${p}`);
  return badValues(values, 1) ?? badAlpha(alpha);
}
