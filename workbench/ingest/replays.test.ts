import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../schema/canonical.ts";
import { Replays } from "./replays.ts";

// Few digests, so that they meet again, and some that share their first words, so that they meet in one slot.
const digest = fc.oneof(
  fc.nat(3000).map((n) => sha256(String(n)).slice(0, 32)),
  fc.nat(40).map((n) => `00000001${"0".repeat(16)}${n.toString(16).padStart(8, "0")}`),
);

test("what was added is there until it is forgotten, and then never again", () => {
  const step = fc.record({ isAdd: fc.nat(3).map((n) => n > 0), digest });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1500, maxLength: 3000 }), (steps) => {
      const replays = new Replays();
      const model = new Map<string, boolean>();
      for (const { isAdd, digest: one } of steps) {
        if (isAdd) replays.add(one);
        else replays.forget(one);
        if (isAdd !== model.has(one)) model.set(one, isAdd);
      }
      const wrong = [...model].filter(([one, isThere]) => replays.has(one) !== isThere);
      expect(wrong).toEqual([]);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
