/**
 * The zero of a monotone function inside [low, high] by bisection down to neighbouring doubles:
 * slow, certain, and the same bits everywhere. `f(low)` and `f(high)` must differ in sign (a zero
 * at an end is returned as that end); when they do not, the end nearer to zero is returned.
 * Worked value: `root((x) => x * x - 2, 0, 2)` is 1.414213562373095.
 */
export function root(f: (x: number) => number, low: number, high: number): number {
  const atLow = f(low);
  const atHigh = f(high);
  if (atLow === 0) return low;
  if (atHigh === 0) return high;
  if (atLow > 0 === atHigh > 0) return Math.abs(atLow) <= Math.abs(atHigh) ? low : high;
  let [left, right] = [low, high];
  for (let step = 0; step < 1100; step++) {
    const middle = left + (right - left) / 2;
    if (middle <= left || middle >= right) break;
    const value = f(middle);
    if (value === 0) return middle;
    if (value > 0 === atLow > 0) left = middle;
    else right = middle;
  }
  return Math.abs(f(left)) <= Math.abs(f(right)) ? left : right;
}
