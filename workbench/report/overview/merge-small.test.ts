import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sized } from "./merge-small.ts";
import { MIN_PEOPLE, mergeSmall, peopleAtLeast } from "./merge-small.ts";

/** A group of the people with these numbers, one bit of a mark each. */
const group = (key: string, people: readonly number[], calls = people.length): Sized => {
  const mark = people.reduce((all, one) => all | (1n << BigInt(one)), 0n);
  return { key, calls, seenA: String(mark), seenB: null };
};

test("a group of few people joins the others, and takes the smallest along while they are still few", () => {
  const large = group("large", [1, 2, 3, 4, 5, 6], 90);
  const middle = group("middle", [1, 2, 3, 4, 5], 50);
  const small = group("small", [7, 8], 60);
  expect(mergeSmall([large, middle])).toEqual({
    kept: ["large", "middle"],
    hasOthers: false,
    isHidden: false,
  });
  expect(mergeSmall([large, middle, small])).toEqual({ kept: ["large"], hasOthers: true, isHidden: false });
  expect(mergeSmall([large, middle], 1)).toEqual({ kept: ["large"], hasOthers: true, isHidden: false });
  expect(mergeSmall([small])).toEqual({ kept: [], hasOthers: true, isHidden: true });
});

test("whatever the groups: each that stands alone, and the rest together, are five people or more", () => {
  const people = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(people, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (all, top) => {
      const groups = all.map((one, n) => group(`g${n}`, one));
      const { kept, hasOthers, isHidden } = mergeSmall(groups, top);
      const sizes = (keys: readonly string[]): number =>
        new Set(keys.flatMap((key) => all[Number(key.slice(1))] ?? [])).size;
      for (const key of kept) expect(sizes([key])).toBeGreaterThanOrEqual(MIN_PEOPLE);
      const rest = groups.map(({ key }) => key).filter((key) => !kept.includes(key));
      expect(hasOthers).toBe(rest.length > 0);
      if (hasOthers && !isHidden) expect(sizes(rest)).toBeGreaterThanOrEqual(MIN_PEOPLE);
      if (isHidden) expect(sizes(rest)).toBeLessThan(MIN_PEOPLE);
    }),
  );
});

test("marks are joined before they are counted", () => {
  expect(peopleAtLeast([group("a", [0, 1, 2]), group("b", [2, 3])])).toBe(4);
  expect(peopleAtLeast([{ seenA: null, seenB: null }])).toBe(0);
});
