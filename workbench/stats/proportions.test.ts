import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/proportions.json" with { type: "json" };
import type { Test } from "./estimate.ts";
import { clopperPearson, zeroEventBound } from "./exact-proportion.ts";
import { farringtonManning } from "./farrington-manning.ts";
import { mcnemarExact, mcnemarMidP } from "./mcnemar.ts";
import { newcombe } from "./newcombe.ts";
import type { PairedCounts } from "./paired-counts.ts";
import { pairedRatioInterval, pairedRatioTest } from "./paired-ratio.ts";
import { tangoInterval, tangoTest } from "./tango.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";
import { wilson } from "./wilson.ts";

const pairs = (plus: number, minus: number, n: number): PairedCounts => ({
  both: 0,
  candidateOnly: plus,
  baselineOnly: minus,
  neither: n - plus - minus,
});
const table = (both: number, base: number, cand: number, neither: number): PairedCounts => ({
  both,
  baselineOnly: base,
  candidateOnly: cand,
  neither,
});

interface Scored {
  readonly z: number;
  readonly pGreater: number;
  readonly pLess: number;
}

function sameScore(actual: Test, expected: Scored, what: string): void {
  expectClose(actual.statistic, expected.z, 1e-9, { what, absolute: 1e-14 });
  // What underflows in the reference is printed as the smallest double.
  const least = Number.MIN_VALUE;
  expectClose(actual.pGreater, expected.pGreater, 1e-9, { what, absolute: least });
  expectClose(actual.pLess, expected.pLess, 1e-9, { what, absolute: least });
}

describe("paired proportions against the directly maximised restricted likelihood", () => {
  test("Tango interval", () => {
    for (const [plus = 0, minus = 0, n = 0, lower = 0, upper = 0] of golden.tangoInterval) {
      const got = ok(tangoInterval(pairs(plus, minus, n), 0.025));
      expectClose(got.lower, lower, 1e-9, { what: `${plus}/${minus}/${n} lower` });
      expectClose(got.upper, upper, 1e-9, { what: `${plus}/${minus}/${n} upper` });
    }
  });

  test("Tango test at a margin", () => {
    for (const [plus, minus, n, delta, scored] of golden.tangoTest as [
      number,
      number,
      number,
      number,
      Scored,
    ][]) {
      sameScore(ok(tangoTest(pairs(plus, minus, n), delta)), scored, `${plus}/${minus}/${n} at ${delta}`);
    }
  });

  test("ratio of paired proportions: test and interval", () => {
    for (const row of golden.ratioTest as [number, number, number, number, number, Scored][]) {
      const [both, base, cand, neither, theta, scored] = row;
      const got = ok(pairedRatioTest(table(both, base, cand, neither), theta));
      sameScore(got, scored, [both, base, cand, neither, theta].join("/"));
    }
    for (const [both = 0, base = 0, cand = 0, neither = 0, lower = 0, upper = 0] of golden.ratioInterval) {
      const got = ok(pairedRatioInterval(table(both, base, cand, neither), 0.025));
      expectClose(got.lower, lower, 1e-9, { what: "lower" });
      expectClose(got.upper, upper, 1e-9, { what: "upper" });
    }
  });

  test("McNemar exact and mid-p", () => {
    for (const [b = 0, c = 0, p = 0] of golden.mcnemarExact) {
      expectClose(ok(mcnemarExact(pairs(c, b, b + c + 3))).pTwoSided, p);
    }
    for (const [b = 0, c = 0, p = 0] of golden.mcnemarMidP) {
      expectClose(ok(mcnemarMidP(pairs(c, b, b + c + 3))).pTwoSided, p);
    }
  });
});

describe("independent proportions", () => {
  test("Farrington–Manning", () => {
    for (const row of golden.farringtonManning as [number, number, number, number, number, Scored][]) {
      const [xa, na, xb, nb, delta, scored] = row;
      const got = ok(farringtonManning({ events: xa, trials: na }, { events: xb, trials: nb }, delta));
      sameScore(got, scored, [xa, na, xb, nb, delta].join("/"));
    }
  });

  test("Wilson, Clopper–Pearson, Newcombe agree with statsmodels", () => {
    for (const [x = 0, n = 0, lower = 0, upper = 0] of golden.wilson) {
      const got = ok(wilson(x, n, 0.025));
      expectClose(got.lower, lower, 1e-9, { what: `wilson ${x}/${n}` });
      expectClose(got.upper, upper, 1e-9, { what: `wilson ${x}/${n}` });
    }
    for (const [x = 0, n = 0, lower = 0, upper = 0] of golden.clopperPearson) {
      const got = ok(clopperPearson(x, n, 0.025));
      expectClose(got.lower, lower, 1e-9, { what: `exact ${x}/${n}` });
      expectClose(got.upper, upper, 1e-9, { what: `exact ${x}/${n}` });
    }
    for (const [xa = 0, na = 0, xb = 0, nb = 0, lower = 0, upper = 0] of golden.newcombe) {
      const got = ok(newcombe({ events: xa, trials: na }, { events: xb, trials: nb }, 0.025));
      expectClose(got.lower, lower, 1e-9, { what: `newcombe ${xa}/${na}` });
      expectClose(got.upper, upper, 1e-9, { what: `newcombe ${xa}/${na}` });
    }
  });
});

describe("published and known figures", () => {
  test("gsm8k pair: 64 and 293 discordant of 1,319", () => {
    const got = ok(tangoInterval(pairs(293, 64, 1319), 0.025));
    expect([got.estimate, got.lower, got.upper].map((x) => x.toFixed(4))).toEqual([
      "0.1736",
      "0.1474",
      "0.2004",
    ]);
  });

  test("Newcombe 1998: 56/70 against 48/80", () => {
    const got = ok(newcombe({ events: 48, trials: 80 }, { events: 56, trials: 70 }, 0.025));
    expect([got.lower, got.upper].map((x) => x.toFixed(4))).toEqual(["0.0524", "0.3339"]);
  });

  test("rule of three in its exact form", () => {
    expect(ok(zeroEventBound(59, 0.05))).toBeLessThan(0.05);
    expect(ok(zeroEventBound(58, 0.05))).toBeGreaterThan(0.05);
    expect(ok(zeroEventBound(299, 0.05))).toBeLessThan(0.01);
    expect(ok(zeroEventBound(298, 0.05))).toBeGreaterThan(0.01);
  });

  test("all ties get a score interval, never [0, 0]", () => {
    const got = ok(tangoInterval(table(300, 0, 0, 0), 0.025));
    const z2 = 1.959963984540054 ** 2;
    expectClose(got.upper, z2 / (300 + z2), 1e-12);
    expectClose(got.lower, -z2 / (300 + z2), 1e-12);
  });
});
