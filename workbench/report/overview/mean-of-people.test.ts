import fc from "fast-check";
import { expect, test } from "vitest";
import { clusteredMean } from "../../stats/clustered-mean.ts";
import { isRefused } from "../../stats/refused.ts";
import type { PeopleSums } from "./mean-of-people.ts";
import { meanOfPeople } from "./mean-of-people.ts";

/** The sums that the query gives for these values of each person, in millionths. */
function sumsOf(people: readonly (readonly number[])[]): PeopleSums {
  const n = people.map((values) => BigInt(values.reduce((sum, value) => sum + Math.round(value * 1e6), 0)));
  const d = people.map((values) => BigInt(values.length));
  const sum = (of: (i: number) => bigint): string => people.reduce((all, _, i) => all + of(i), 0n).toString();
  return {
    units: people.length,
    numerator: sum((i) => n[i] ?? 0n),
    denominator: sum((i) => d[i] ?? 0n),
    numeratorSquares: sum((i) => (n[i] ?? 0n) ** 2n),
    denominatorSquares: sum((i) => (d[i] ?? 0n) ** 2n),
    products: sum((i) => (n[i] ?? 0n) * (d[i] ?? 0n)),
  };
}

test("totals [1, 2, 6] of [1, 2, 3] values: 1.5, from −0.143 to 3.143", () => {
  const { mean, lower, upper } = meanOfPeople(sumsOf([[1], [1, 1], [2, 2, 2]]));
  expect(mean).toBe(1.5);
  expect(lower).toBeCloseTo(-0.143, 3);
  expect(upper).toBeCloseTo(3.143, 3);
});

test("one person, equal values and no value have no interval, and say why", () => {
  expect(meanOfPeople(sumsOf([[0.5, 1]]))).toMatchObject({ mean: 0.75, lower: null, upper: null });
  expect(meanOfPeople(sumsOf([[1], [1, 1]]))).toMatchObject({ mean: 1, refused: "all people gave the same" });
  expect(meanOfPeople(sumsOf([]))).toMatchObject({ mean: null, refused: "no signal has a value" });
});

test("the interval is that of the clustered mean, whatever the values", () => {
  const value = fc.constantFrom(-1, -0.5, 0, 0.4, 1);
  const people = fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(people, (all) => {
      const clusters = all.flatMap((values, i) => values.map(() => i));
      const expected = clusteredMean({ values: all.flat(), clusters }, 0.025);
      const found = meanOfPeople(sumsOf(all));
      if (isRefused(expected)) {
        expect(found.lower).toBeNull();
        return;
      }
      expect(found.mean).toBeCloseTo(expected.estimate, 9);
      expect(found.lower).toBeCloseTo(expected.lower, 9);
      expect(found.upper).toBeCloseTo(expected.upper, 9);
    }),
  );
});
