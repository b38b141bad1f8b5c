import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/distributions.json" with { type: "json" };
import {
  betaQuantile,
  binomialLower,
  binomialPoint,
  binomialUpper,
  chiSquareLower,
  chiSquareQuantile,
  chiSquareUpper,
  betaLower,
  betaUpper,
  fUpper,
  normalLower,
  normalUpper,
  normalUpperQuantile,
  tLower,
  tUpper,
  tUpperQuantile,
} from "./distribution.ts";
import { expectClose } from "./testing/expect-close.ts";

type Row = readonly number[];
const REFERENCES: readonly (readonly [string, (...at: number[]) => number, readonly Row[]])[] = [
  ["normalLower", normalLower, golden.normalLower],
  ["normalUpperQuantile", normalUpperQuantile, golden.normalUpperQuantile],
  ["tLower", tLower, golden.tLower],
  ["tUpperQuantile", tUpperQuantile, golden.tUpperQuantile],
  ["chiSquareUpper", chiSquareUpper, golden.chiSquareUpper],
  ["binomialLower", binomialLower, golden.binomialLower],
  ["binomialUpper", binomialUpper, golden.binomialUpper],
  ["betaQuantile", betaQuantile, golden.betaQuantile],
  ["fUpper", fUpper, golden.fUpper],
];

describe("distributions agree with mpmath at 50 digits, tails down to 1e-300", () => {
  for (const [name, compute, rows] of REFERENCES) {
    test(name, () => {
      expect(rows.length).toBeGreaterThan(2);
      for (const row of rows) {
        const at = row.slice(0, -1);
        expectClose(compute(...at), row.at(-1) as number, 1e-9, { what: `${name}(${at.join(", ")})` });
      }
    });
  }
});

test("upper tails mirror lower tails and never come from a subtraction", () => {
  expect(normalUpper(20)).toBe(normalLower(-20));
  expect(normalUpper(20)).toBeGreaterThan(0);
  expect(tUpper(40, 5)).toBe(tLower(-40, 5));
});

test("quantiles invert their tails", () => {
  for (const p of [1e-250, 1e-17, 1e-6, 0.2, 0.5, 0.9]) {
    expectClose(normalUpper(normalUpperQuantile(p)), p, 1e-12);
  }
  for (const p of [1e-6, 0.025, 0.4]) expectClose(tUpper(tUpperQuantile(p, 6.5), 6.5), p, 1e-9);
  for (const p of [0.001, 0.5, 0.99]) expectClose(chiSquareLower(chiSquareQuantile(p, 5), 5), p, 1e-9);
});

test("both tails of a discrete or continuous law sum to one", () => {
  expectClose(binomialLower(7, 20, 0.3) + binomialUpper(8, 20, 0.3), 1, 1e-13);
  expectClose(betaLower(0.3, 2, 5) + betaUpper(0.3, 2, 5), 1, 1e-13);
  let total = 0;
  for (let k = 0; k <= 20; k++) total += binomialPoint(k, 20, 0.3);
  expectClose(total, 1, 1e-12);
  expect([binomialPoint(0, 5, 0), binomialPoint(5, 5, 1), binomialPoint(6, 5, 0.5)]).toEqual([1, 1, 0]);
});
