import betainc from "@stdlib/math-base-special-betainc";
import gammainc from "@stdlib/math-base-special-gammainc";
import betaQuantileOf from "@stdlib/stats-base-dists-beta-quantile";
import chiSquareQuantileOf from "@stdlib/stats-base-dists-chisquare-quantile";
import normalCdf from "@stdlib/stats-base-dists-normal-cdf";
import normalQuantileOf from "@stdlib/stats-base-dists-normal-quantile";
import tQuantileOf from "@stdlib/stats-base-dists-t-quantile";
import { exp, ln, lnGamma, log1p } from "./elementary.ts";

/* Both tails of each distribution, each computed as itself: subtracting from one loses every digit
 * of a small tail. Values agree with SciPy to 1e-9 relative down to 1e-300 (see the golden file). */

const LN_SQRT_TWO_PI = 0.9189385332046728;

/** P(Z ≤ z), standard normal. Worked value: `normalLower(-1.96)` is 0.024997895148220435. */
export function normalLower(z: number): number {
  return normalCdf(z, 0, 1);
}

/** P(Z ≥ z), standard normal, by symmetry. */
export function normalUpper(z: number): number {
  return normalCdf(-z, 0, 1);
}

/** Density of the standard normal. */
export function normalDensity(z: number): number {
  return exp(-0.5 * z * z - LN_SQRT_TWO_PI);
}

/**
 * z with P(Z ≥ z) = p, for p in (0, 1): `normalUpperQuantile(0.025)` is 1.9599639845400538.
 * In the tail the library loses digits (5e-6 relative at 1e-12) and then overflows: below 0.01
 * Newton's method on ln P finds z.
 */
export function normalUpperQuantile(p: number): number {
  if (p > 0.01) return -normalQuantileOf(p, 0, 1);
  const target = ln(p);
  let z = Math.sqrt(-2 * target);
  for (let step = 0; step < 60; step++) {
    const tail = normalUpper(z);
    const move = ((ln(tail) - target) * tail) / normalDensity(z);
    z += move;
    if (Math.abs(move) <= 1e-15 * z) break;
  }
  return z;
}

/** P(T ≤ t) with `df` degrees of freedom; exact in the far lower tail. */
export function tLower(t: number, df: number): number {
  if (t > 0) return 0.5 + 0.5 * betainc((t * t) / (df + t * t), 0.5, df / 2, true, false);
  const square = t * t;
  const nearZero = square < df;
  return nearZero
    ? 0.5 * betainc(square / (df + square), 0.5, df / 2, true, true)
    : 0.5 * betainc(df / (df + square), df / 2, 0.5, true, false);
}

/** P(T ≥ t) with `df` degrees of freedom, by symmetry. */
export function tUpper(t: number, df: number): number {
  return tLower(-t, df);
}

/** t with P(T ≥ t) = p. Worked value: `tUpperQuantile(0.025, 9)` is 2.2621571627982053. */
export function tUpperQuantile(p: number, df: number): number {
  return -tQuantileOf(p, df);
}

/** P(χ² ≥ x) with `df` degrees of freedom. Worked value: `chiSquareUpper(3.841458820694124, 1)` is 0.05. */
export function chiSquareUpper(x: number, df: number): number {
  return gammainc(x / 2, df / 2, true, true);
}

/** P(χ² ≤ x) with `df` degrees of freedom. */
export function chiSquareLower(x: number, df: number): number {
  return gammainc(x / 2, df / 2, true, false);
}

/** x with P(χ² ≤ x) = p. */
export function chiSquareQuantile(p: number, df: number): number {
  return chiSquareQuantileOf(p, df);
}

/** P(X ≤ x), Beta(a, b). */
export function betaLower(x: number, a: number, b: number): number {
  return betainc(x, a, b, true, false);
}

/** P(X ≥ x), Beta(a, b). */
export function betaUpper(x: number, a: number, b: number): number {
  return betainc(x, a, b, true, true);
}

/** x with P(X ≤ x) = p, Beta(a, b). */
export function betaQuantile(p: number, a: number, b: number): number {
  return betaQuantileOf(p, a, b);
}

/** P(X ≤ k), Binomial(n, p). Worked value: `binomialLower(3, 100, 0.5)` is 1.3154334480650894e-25. */
export function binomialLower(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : betainc(p, k + 1, n - k, true, true);
}

/** P(X ≥ k), Binomial(n, p). */
export function binomialUpper(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : betainc(p, k, n - k + 1, true, false);
}

/** P(X = k), Binomial(n, p). */
export function binomialPoint(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  return exp(lnChoose(n, k) + (k === 0 ? 0 : k * ln(p)) + (k === n ? 0 : (n - k) * log1p(-p)));
}

/** ln of "n choose k". */
export function lnChoose(n: number, k: number): number {
  return lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
}

/** P(F ≥ f) with `df1` and `df2` degrees of freedom. */
export function fUpper(f: number, df1: number, df2: number): number {
  return betainc(df2 / (df2 + df1 * f), df2 / 2, df1 / 2, true, false);
}
