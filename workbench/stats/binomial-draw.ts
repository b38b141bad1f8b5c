import { exp, ln, log1p, lnGamma } from "./elementary.ts";
import type { Random } from "./random.ts";

/**
 * One draw from Binomial(n, p), exact in law, in constant time for large n·p.
 * Below n·min(p, 1−p) = 10 by inversion, above by transformed rejection (BTRS).
 * Source: Hörmann, J. Statist. Comput. Simul. 46 (1993) 101–110.
 */
export function binomialDraw(random: Random, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomialDraw(random, n, 1 - p);
  return n * p < 10 ? inversion(random, n, p) : rejection(random, n, p);
}

function inversion(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  const first = exp(n * log1p(-p));
  for (;;) {
    let term = first;
    let u = random.uniform();
    for (let k = 0; k <= n && k <= 120; k++) {
      if (u < term) return k;
      u -= term;
      term *= ((n - k) / (k + 1)) * odds;
    }
    // Only rounding (or a chance below 1e-60) comes here: draw again.
  }
}

function rejection(random: Random, n: number, p: number): number {
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || k > n || v === 0) continue;
    const alpha = (2.83 + 5.1 / b) * spread;
    if (ln((v * alpha) / (a / (us * us) + b)) <= logRatio(n, p, k)) return k;
  }
}

/** ln of P(X = k)/P(X = mode). */
function logRatio(n: number, p: number, k: number): number {
  const mode = Math.floor((n + 1) * p);
  const h = lnGamma(mode + 1) + lnGamma(n - mode + 1);
  return h - lnGamma(k + 1) - lnGamma(n - k + 1) + (k - mode) * ln(p / (1 - p));
}
