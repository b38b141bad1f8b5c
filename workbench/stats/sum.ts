/**
 * Sum in doubles with Neumaier's compensation: the error does not grow with the count.
 * Source: Neumaier 1974. Order matters in the last bit, so callers fold in a fixed order.
 * Worked value: `sum([1, 1e100, 1, -1e100])` is 2 (a plain loop gives 0).
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Sum of f over the values, compensated, without an intermediate array. */
export function sumOf<T>(values: readonly T[], f: (value: T, index: number) => number): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = f(values[i] as T, i);
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}
