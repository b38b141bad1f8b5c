import type { Refused } from "../stats/refused.ts";
import { isRefused, refused } from "../stats/refused.ts";
import { wilson } from "../stats/wilson.ts";
import { byText } from "./text.ts";

/** Five points of a distribution of lengths. */
export interface Lengths {
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly mean: number;
}

/** Nearest-rank percentiles. Worked value: of 1…100, p50 is 50 and p95 is 95. Refused for no values. */
export function lengthsOf(values: readonly number[]): Lengths | Refused {
  if (values.length === 0) return refused("no rows");
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { min: rank(0), p50: rank(0.5), p95: rank(0.95), max: rank(1), mean: round(mean) };
}

/**
 * Evenness of a composition: Shannon entropy over its maximum, log of the number of kinds.
 * Worked value: counts 1, 1 give 1; counts 3, 1 give 0.811. Refused for fewer than two kinds.
 */
export function evenness(counts: readonly number[]): number | Refused {
  const kinds = counts.filter((count) => count > 0);
  if (kinds.length < 2) return refused("fewer than two kinds");
  const all = kinds.reduce((sum, count) => sum + count, 0);
  const entropy = kinds.reduce((sum, count) => sum - (count / all) * Math.log(count / all), 0);
  return round(entropy / Math.log(kinds.length));
}

export interface Slice {
  readonly slice: string;
  readonly in: number;
  readonly kept: number;
  /** Kept share with its 95 % Wilson interval: an interval apart from the others is a bias to look at. */
  readonly rate: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** How many rows of each slice survived. `before` and `after` are slice names, one a row. */
export function keepRates(before: readonly string[], after: readonly string[]): readonly Slice[] {
  const [all, kept] = [tally(before), tally(after)];
  return [...all]
    .sort(([a], [b]) => byText(a, b))
    .map(([slice, count]) => {
      const left = Math.min(count, kept.get(slice) ?? 0);
      const interval = wilson(left, count, 0.025);
      const none = isRefused(interval);
      return {
        slice,
        in: count,
        kept: left,
        rate: round(left / count),
        lower: none ? null : round(interval.lower),
        upper: none ? null : round(interval.upper),
      };
    });
}

export function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Four decimals: what a manifest keeps of a mean, so that its last digits are no noise. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
