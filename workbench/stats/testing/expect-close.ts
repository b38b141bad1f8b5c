import { expect } from "vitest";
import { isRefused } from "../refused.ts";

/** Fails unless actual is within `relative` of expected, or within `absolute` of it (for values near 0). */
export function expectClose(
  actual: number | undefined,
  expected: number,
  relative = 1e-9,
  { what = "", absolute = 0 }: { readonly what?: string; readonly absolute?: number } = {},
): void {
  const slack = Math.max(absolute, relative * Math.abs(expected));
  const distance = Math.abs((actual ?? Number.NaN) - expected);
  expect(distance, `${what} got ${actual}, expected ${expected}`).toBeLessThanOrEqual(slack);
}

/** The reason of a refusal, or a failed test. */
export function reasonOf(result: unknown): string {
  if (!isRefused(result)) throw new Error(`expected a refusal, got ${JSON.stringify(result)}`);
  return result.reason;
}
