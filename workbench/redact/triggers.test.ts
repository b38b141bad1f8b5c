import fc from "fast-check";
import { expect, test } from "vitest";
import type { Spot } from "./detector.ts";
import { findEntities, placesFor } from "./find.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { HARD_CASES } from "./testing/hard-cases.ts";
import { labelledSet } from "./testing/labelled.ts";
import { TRIGGERS } from "./trigger-places.ts";
import { triggersIn } from "./triggers.ts";

const spot = (text: string, from = 0, to = text.length): Spot => ({ text, from, to, left: () => undefined });

test("the triggers hide no match: what a detector finds in the whole text, it finds at its triggers", () => {
  const pieces = fc.constantFrom(
    ..."@.:-/+()[] aZ0189sk_ghp eyJ DE89 AKIA token=://data:;base64,".split(" "),
    " ",
    "1",
    "::",
    "--",
    "xoxb",
    "fe80",
    "key",
    "192.168.",
    "555-0100",
    "jo%40ex.org",
    "ip-",
    "10-0-0-7",
    "001A.2b3c.",
    '"@',
  );
  const mixed = fc
    .array(fc.oneof(pieces, fc.string({ maxLength: 8 }), fc.stringMatching(/^[0-9a-fA-F:.-]{0,20}$/)), {
      maxLength: 8,
    })
    .map((list) => list.join(""));
  const texts = [...labelledSet(5, "gate"), ...HARD_CASES].map(({ text }) => text);
  // Changed at one place, that what is just no match is tried as well.
  const known = fc
    .tuple(
      fc.constantFrom(...texts),
      fc.nat({ max: 60 }),
      fc.constantFrom("", "", " ", "-", "7", "0", "é", ":"),
    )
    .map(([text, at, put]) => `${text.slice(0, at)}${put}${text.slice(at)}`);
  fc.assert(
    fc.property(fc.oneof(mixed, known), (text) => {
      triggersIn(text);
      for (const detector of DEFAULT_POLICY.detectors) {
        const { places, least } = placesFor(detector);
        const atTriggers = new Set<string>();
        for (let n = 0; n < places.length; n += 3)
          if ((places.numbers[n + 2] ?? 0) >= least)
            for (const { start, end } of detector.find(spot(text, places.numbers[n], places.numbers[n + 1])))
              atTriggers.add(text.slice(start, end));
        // The whole text as one spot is the detector without a gate.
        for (const { start, end } of detector.find(spot(text)))
          expect([...atTriggers], detector.kind).toContain(text.slice(start, end));
      }
    }),
    { numRuns: 3000 },
  );
});

test("signs and runs are found wherever they stand in a text, whatever was read before it", () => {
  const filler = fc.stringMatching(/^[a-z ,é]{0,70}$/);
  fc.assert(
    fc.property(
      filler,
      filler,
      fc.constantFrom("@", ":", "-", ".", "123456789", "ghp_"),
      (before, after, sign) => {
        triggersIn("@:-.987654321".repeat(60));
        const text = `${before}${sign}${after}`;
        triggersIn(text);
        const { at, long, prefixed } = TRIGGERS;
        const place = [before.length, before.length + sign.length, sign.length];
        expect(at.numbers.slice(0, at.length)).toEqual(sign === "@" ? place : []);
        expect(long.numbers.slice(0, long.length)).toEqual(sign === "123456789" ? place : []);
        const found = prefixed.numbers.slice(0, prefixed.length);
        const runs = [...text.matchAll(/[\w-]{15,}/g)];
        for (const { 0: run, index } of runs)
          if (run.includes("ghp_"))
            expect(found).toEqual(expect.arrayContaining([index, index + run.length]));
        for (let n = 0; n < found.length; n += 3) expect(runs.map(({ index }) => index)).toContain(found[n]);
      },
    ),
    { numRuns: 2000 },
  );
});

test(
  "a hostile text is read in time linear in its length, and none overflows the engine",
  { timeout: 20_000 },
  () => {
    // Each of these took minutes, or threw, while every entity was held against every other.
    expect(findEntities("a@b.co ".repeat(200_000))).toHaveLength(200_000);
    const pem = `-----BEGIN PRIVATE KEY-----${"a-".repeat(8_000_000)}`;
    expect(findEntities(pem)).toMatchObject([{ kind: "PRIVATE_KEY", start: 0, end: pem.length }]);
    expect(findEntities(` +${"1".repeat(60)}`.repeat(20_000)).filter(({ kind }) => kind === "PHONE")).toEqual(
      [],
    );
  },
);
