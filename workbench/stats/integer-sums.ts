import type { Moments } from "./moments.ts";
import type { UnitRatio } from "./ratio-by-unit.ts";
import { refused, type Refused } from "./refused.ts";

/* SQL folds integers (µs, tokens, nano-USD, 0/1) exactly and in any order; these turn the sums into
 * moments without losing a digit to Σx² − (Σx)²/n, because the subtraction is done in integers. */

/** Σ1, Σx, Σx² of whole numbers. */
export interface IntegerSums {
  readonly count: bigint;
  readonly sum: bigint;
  readonly squares: bigint;
}

/**
 * Moments of a column from its integer sums, ready for `welch`.
 * Worked value: count 4, sum 10, squares 30 (of 1, 2, 3, 4): mean 2.5, variance 5/3.
 */
export function momentsFromSums({ count, sum, squares }: IntegerSums): Moments | Refused {
  if (count < 2n) return refused(`${count} values where at least 2 are needed`);
  const spread = count * squares - sum * sum;
  if (spread < 0n) return refused("sums do not belong together: count·squares is below sum²");
  return {
    n: Number(count),
    mean: quotient(sum, count),
    variance: quotient(spread, count * (count - 1n)),
  };
}

/** Σ over randomised units of numerator N and denominator D, their squares and product. */
export interface UnitIntegerSums {
  readonly units: bigint;
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly numeratorSquares: bigint;
  readonly denominatorSquares: bigint;
  readonly products: bigint;
}

/**
 * `ratioByUnit` from sums: Σ(N − R·D)² = (ΣN²·(ΣD)² − 2ΣN·ΣD·ΣND + (ΣN)²·ΣD²)/(ΣD)², R = ΣN/ΣD.
 * Worked value: N [1, 2, 6], D [1, 2, 3]: ratio 1.5, variance 0.1458.
 */
export function ratioFromSums(sums: UnitIntegerSums): UnitRatio | Refused {
  const { units, numerator: n, denominator: d } = sums;
  if (units < 2n) return refused(`${units} units where at least 2 are needed`);
  if (d <= 0n) return refused("denominators must have a positive mean");
  const spread = sums.numeratorSquares * d * d - 2n * n * d * sums.products + n * n * sums.denominatorSquares;
  if (spread < 0n) return refused("sums do not belong together");
  // variance = spread/d² / (m−1) / (m·(d/m)²) = spread·m / (d⁴·(m−1))
  const variance = quotient(spread * units, d * d * d * d * (units - 1n));
  return { kind: "unit-ratio", units: Number(units), ratio: quotient(n, d), variance };
}

/** The double nearest to a/b (b > 0) to within one unit in the last place, whatever their size. */
export function quotient(a: bigint, b: bigint): number {
  const negative = a < 0n;
  const size = negative ? -a : a;
  // Scale so that the whole quotient carries at least 64 significant bits.
  const shift = Math.max(0, bits(b) - bits(size) + 64);
  const whole = Number((size << BigInt(shift)) / b);
  let value = whole;
  for (let left = shift; left > 0; left -= 1000) value /= 2 ** Math.min(1000, left);
  return negative ? -value : value;
}

function bits(value: bigint): number {
  return value.toString(16).length * 4;
}
