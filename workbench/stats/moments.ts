import { sumOf } from "./sum.ts";

/** Count, mean and sample variance (n − 1) of finite values. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * Two passes, compensated: the mean first, then the squares about it (never Σx²).
 * The variance of one value is 0 here; callers refuse n < 2 before they use it.
 * Worked value: `momentsOf([1, 2, 3, 4])` is n 4, mean 2.5, variance 5/3.
 */
export function momentsOf(values: readonly number[]): Moments {
  const n = values.length;
  const mean = sumOf(values, (value) => value) / n;
  const squares = sumOf(values, (value) => (value - mean) * (value - mean));
  return { n, mean, variance: n < 2 ? 0 : squares / (n - 1) };
}

/** Sample covariance (n − 1) of two equally long lists about their own means. */
export function covariance(x: readonly number[], y: readonly number[]): number {
  const meanX = sumOf(x, (value) => value) / x.length;
  const meanY = sumOf(y, (value) => value) / y.length;
  const products = sumOf(x, (value, i) => (value - meanX) * ((y[i] ?? meanY) - meanY));
  return products / (x.length - 1);
}
