import fc from "fast-check";
import { expect, test } from "vitest";
import type { Instant } from "./instant.ts";
import { readInstant } from "./instant.ts";

const read = (text: string): Instant | null => {
  const instant = { seconds: 0, micros: 0 };
  return readInstant(text, instant) ? instant : null;
};

test("every second of the years 1 to 9999 is what the calendar of the engine says", () => {
  const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, fc.nat(999_999), (at, micros) => {
      const text = `${new Date(at * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
      expect(read(text)).toEqual({ seconds: at, micros });
    }),
    { numRuns: 2000 },
  );
  expect(read("2000-03-01T00:00:01.000002Z")).toEqual({ seconds: 951_868_801, micros: 2 });
});

test.each([
  "",
  "2026-01-01T00:00:00Z",
  "2026-01-01 00:00:00.000000Z",
  "0000-01-01T00:00:00.000000Z",
  "2026-00-01T00:00:00.000000Z",
  "2026-02-29T00:00:00.000000Z",
  "1900-02-29T00:00:00.000000Z",
  "2026-04-31T00:00:00.000000Z",
  "2026-01-32T00:00:00.000000Z",
  "2026-01-01T24:00:00.000000Z",
  "2026-01-01T00:60:00.000000Z",
  "2026-01-01T00:00:00.00000 Z",
  "20x6-01-01T00:00:00.000000Z",
])("%j is no such time", (text) => {
  expect(read(text)).toBeNull();
});
