import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../schema/canonical.ts";
import { DigestMap } from "./digest-map.ts";

test("it holds what a Map would, for digests, for other keys and for keys that share a slot", () => {
  const digest = fc.integer({ min: 0, max: 3000 }).map((n) => sha256(String(n)));
  const neighbour = fc.nat(500).map((n) => n.toString(16).padStart(32, "0").padEnd(64, "a"));
  const key = fc.oneof(digest, neighbour, fc.string());
  const entry = fc.tuple(key, fc.nat(), fc.nat({ max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 3000, size: "max" }), fc.array(key), (entries, others) => {
      const [ours, model] = [new DigestMap(), new Map<string, readonly [number, number]>()];
      for (const [at, first, second] of entries) {
        ours.set(at, first, second * 2 ** 20);
        model.set(at, [first, second * 2 ** 20]);
      }
      expect(ours.size).toBe(model.size);
      for (const at of [...model.keys(), ...others]) {
        expect(ours.get(at)).toEqual(model.get(at) ?? null);
        expect(ours.has(at)).toBe(model.has(at));
      }
    }),
    { numRuns: 10 },
  );
});

test("the key whose digits are all zero is a key like another", () => {
  const map = new DigestMap();
  const zero = "0".repeat(64);
  expect(map.has(zero)).toBe(false);
  map.set(zero, 7, 8);
  expect(map.get(zero)).toEqual([7, 8]);
});
