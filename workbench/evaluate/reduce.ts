import { isRefused, type Refused } from "../stats/refused.ts";
import { passAt as passAtOf, passHat as passHatOf } from "../stats/pass-at.ts";
import { quantile } from "../stats/ranked.ts";
import { sum } from "../stats/sum.ts";
import type { Score } from "../schema/run.ts";
import type { Reducer } from "./types.ts";

/**
 * Reducers turn the repeats (epochs) of one sample in one arm into one score, before any error is
 * computed: repeats are not samples. Unscored repeats are left out; none left is unscored.
 */
function reducer(name: string, reduce: (values: readonly number[]) => number | Refused): Reducer {
  return Object.assign(
    (epochs: readonly Score[]): Score => {
      const values = epochs.flatMap(({ value }) => (value === null ? [] : [value]));
      if (values.length === 0) return { value: null, reason: epochs[0]?.reason ?? "no repeat was scored" };
      const reduced = reduce(values);
      return isRefused(reduced) ? { value: null, reason: reduced.reason } : { value: reduced };
    },
    { reducer: name },
  );
}

/** Worked value: 1, 0, 0, 1 → 0.5. */
export const mean = (): Reducer => reducer("mean", (values) => sum(values) / values.length);
/** Type 7. Worked value: 1, 0, 0, 1 → 0.5. */
export const median = (): Reducer => reducer("median", (values) => quantile(values, 0.5));
/** Worked value: 1, 0, 0, 1 → 1. */
export const max = (): Reducer => reducer("max", (values) => Math.max(...values));

/** The commonest value; of equally common ones the smallest. Worked value: 1, 0, 1 → 1. */
export const mode = (): Reducer =>
  reducer("mode", (values) => {
    const counts = new Map<number, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return Math.min(...[...counts].filter(([, count]) => count === most).map(([value]) => value));
  });

/** 1 if at least k repeats pass (value ≥ 1), else 0. Worked value: `atLeast(2)` of 1, 0, 1 → 1. */
export const atLeast = (k: number): Reducer =>
  reducer(`atLeast${k}`, (values) => (passes(values) >= k ? 1 : 0));

/** Chance that one of k tries passes: 1 − C(n−c,k)/C(n,k). Worked value: `passAt(2)` of 1, 1, 0, 0 → 5/6. */
export const passAt = (k: number): Reducer =>
  reducer(`passAt${k}`, (values) => passAtOf(passes(values), values.length, k));

/** Chance that all of k tries pass: C(c,k)/C(n,k). Worked value: `passHat(2)` of 1, 1, 0, 0 → 1/6. */
export const passHat = (k: number): Reducer =>
  reducer(`passHat${k}`, (values) => passHatOf(passes(values), values.length, k));

const passes = (values: readonly number[]): number => values.filter((value) => value >= 1).length;
