/**
 * A point estimate with its two-sided interval. `estimator` carries the method and its version
 * ("tango@1"): a change of formula is a new version, so that a stored decision can be replayed.
 * Effects are always candidate − baseline, in the unit of the values given.
 */
export interface Estimate {
  readonly kind: "estimate";
  readonly estimator: string;
  /** Rows (pairs, units, users) that entered; the independent count is `clusters` where it differs. */
  readonly n: number;
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** Two-sided confidence, 1 − 2·alpha for a one-sided alpha. */
  readonly level: number;
  readonly standardError?: number;
  readonly degreesOfFreedom?: number;
  readonly clusters?: number;
}

/** A test of "effect = nullValue"; both one-sided p are given, so that nobody writes 1 − p. */
export interface Test {
  readonly kind: "test";
  readonly test: string;
  readonly n: number;
  readonly statistic: number;
  readonly nullValue: number;
  /** Small when the effect is greater than `nullValue`. */
  readonly pGreater: number;
  /** Small when the effect is less than `nullValue`. */
  readonly pLess: number;
  readonly pTwoSided: number;
}

type Parts = Omit<Estimate, "kind" | "level"> & { readonly alpha: number };

/** An estimate at the two-sided level that belongs to a one-sided `alpha` (0.025 → 0.95). */
export function estimateOf({ alpha, ...parts }: Parts): Estimate {
  return { kind: "estimate", ...parts, level: 1 - 2 * alpha };
}

/** A test with its two-sided p: twice the smaller tail, at most 1 and never 0. */
export function testOf(parts: Omit<Test, "kind" | "pTwoSided">): Test {
  const pGreater = neverZero(parts.pGreater);
  const pLess = neverZero(parts.pLess);
  return { kind: "test", ...parts, pGreater, pLess, pTwoSided: Math.min(1, 2 * Math.min(pGreater, pLess)) };
}

/** No evidence makes a p of exactly 0; what underflows is printed as the smallest double, 5e-324. */
export function neverZero(p: number): number {
  return Math.min(1, Math.max(p, Number.MIN_VALUE));
}
