import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusteredMean } from "./clustered-mean.ts";
import { isRefused } from "./refused.ts";
import type { Estimate } from "./estimate.ts";
import { farringtonManning } from "./farrington-manning.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { mcnemarExact, mcnemarMidP } from "./mcnemar.ts";
import { benjaminiHochberg, holm } from "./multiplicity.ts";
import { newcombe } from "./newcombe.ts";
import type { PairedCounts } from "./paired-counts.ts";
import { pairedRatioInterval, pairedRatioTest } from "./paired-ratio.ts";
import { passAt, passHat } from "./pass-at.ts";
import { quantileInterval } from "./quantile-interval.ts";
import { quantile } from "./ranked.ts";
import { sum } from "./sum.ts";
import { tangoInterval, tangoTest } from "./tango.ts";
import { clopperPearson } from "./exact-proportion.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";
import { wilson } from "./wilson.ts";

const cell = fc.integer({ min: 0, max: 200 });
const anyCounts: fc.Arbitrary<PairedCounts> = fc
  .record({ both: cell, baselineOnly: cell, candidateOnly: cell, neither: cell })
  .filter((c) => c.both + c.baselineOnly + c.candidateOnly + c.neither > 0);
const mirrored = (c: PairedCounts): PairedCounts => ({
  ...c,
  baselineOnly: c.candidateOnly,
  candidateOnly: c.baselineOnly,
});
const anyArm = fc
  .tuple(fc.nat(300), fc.nat(300))
  .filter(([x, y]) => x + y > 0)
  .map(([events, misses]) => ({ events, trials: events + misses }));
const runs = { numRuns: 150, seed: 20261 } as const;

function covers(result: Estimate): void {
  expect(result.lower).toBeLessThanOrEqual(result.estimate + 1e-12);
  expect(result.upper).toBeGreaterThanOrEqual(result.estimate - 1e-12);
  expect(Number.isFinite(result.lower) && Number.isFinite(result.upper)).toBe(true);
}

describe("paired proportions", () => {
  test("swapping the arms mirrors interval and tests; the interval holds its estimate in [-1, 1]", () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        const [got, back] = [ok(tangoInterval(counts, 0.025)), ok(tangoInterval(mirrored(counts), 0.025))];
        covers(got);
        expect(got.lower).toBeGreaterThanOrEqual(-1);
        expect(got.upper).toBeLessThanOrEqual(1);
        expectClose(back.upper, -got.lower, 1e-9, { absolute: 1e-12 });
        const [at, mirror] = [ok(tangoTest(counts, 0.04)), ok(tangoTest(mirrored(counts), -0.04))];
        expectClose(at.statistic, -mirror.statistic, 1e-9, { absolute: 1e-10 });
      }),
      runs,
    );
  });

  test("the score test rejects exactly the values outside the interval", () => {
    fc.assert(
      fc.property(anyCounts, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (counts, delta) => {
        const interval = ok(tangoInterval(counts, 0.025));
        fc.pre(delta !== 0 && Math.abs(delta - interval.lower) > 1e-7);
        expect(ok(tangoTest(counts, delta)).pGreater < 0.025).toBe(delta < interval.lower);
      }),
      runs,
    );
  });

  test("one more win for the candidate never worsens the evidence", () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        fc.pre(counts.baselineOnly > 0);
        const better = {
          ...counts,
          baselineOnly: counts.baselineOnly - 1,
          candidateOnly: counts.candidateOnly + 1,
        };
        const at = (c: PairedCounts): number => ok(tangoInterval(c, 0.025)).lower;
        expect(at(better)).toBeGreaterThan(at(counts) - 1e-12);
        const [p, q] = [ok(mcnemarExact(counts)), ok(mcnemarExact(better))];
        expect(q.pGreater).toBeLessThanOrEqual(p.pGreater + 1e-15);
      }),
      runs,
    );
  });

  test("mid-p never exceeds exact p, and both lie in (0, 1]", () => {
    fc.assert(
      fc.property(anyCounts, (counts) => {
        fc.pre(counts.baselineOnly + counts.candidateOnly > 0);
        const [exact, mid] = [ok(mcnemarExact(counts)), ok(mcnemarMidP(counts))];
        expect(mid.pTwoSided).toBeLessThanOrEqual(exact.pTwoSided + 1e-12);
        expect(mid.pTwoSided).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test("the ratio of swapped arms is the inverse, and its interval agrees with its test", () => {
    fc.assert(
      fc.property(anyCounts, fc.double({ min: 0.2, max: 4, noNaN: true }), (counts, theta) => {
        fc.pre(counts.both + Math.min(counts.baselineOnly, counts.candidateOnly) > 0);
        const [got, back] = [
          pairedRatioInterval(counts, 0.025),
          pairedRatioInterval(mirrored(counts), 0.025),
        ];
        const interval = ok(got);
        covers(interval);
        expectClose(ok(back).lower, 1 / interval.upper, 1e-7);
        fc.pre(theta !== 1 && Math.abs(theta - interval.lower) > 1e-6);
        expect(ok(pairedRatioTest(counts, theta)).pGreater < 0.025).toBe(theta < interval.lower);
      }),
      runs,
    );
  });
});

describe("independent proportions", () => {
  test("Wilson and Clopper–Pearson: inside [0, 1], mirrored, exact is the wider", () => {
    fc.assert(
      fc.property(anyArm, ({ events, trials }) => {
        const [score, exact] = [ok(wilson(events, trials, 0.025)), ok(clopperPearson(events, trials, 0.025))];
        covers(score);
        covers(exact);
        const back = ok(wilson(trials - events, trials, 0.025));
        expectClose(back.upper, 1 - score.lower, 1e-9);
        expect(exact.upper).toBeGreaterThanOrEqual(exact.estimate);
        expect(exact.upper <= 1 && exact.lower >= 0).toBe(true);
      }),
      runs,
    );
  });

  test("Newcombe and Farrington–Manning mirror under a swap of arms", () => {
    fc.assert(
      fc.property(anyArm, anyArm, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (a, b, delta) => {
        const [got, back] = [ok(newcombe(a, b, 0.025)), ok(newcombe(b, a, 0.025))];
        covers(got);
        expectClose(back.lower, -got.upper, 1e-9, { absolute: 1e-12 });
        const [at, mirror] = [farringtonManning(a, b, delta), farringtonManning(b, a, -delta)];
        expect(isRefused(at)).toBe(isRefused(mirror));
        if (at.kind === "test" && mirror.kind === "test") {
          expectClose(at.statistic, -mirror.statistic, 1e-6, { absolute: 1e-6 });
        }
      }),
      runs,
    );
  });
});

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 60 });

describe("means, quantiles, ranks", () => {
  test("a mean's interval holds it; shifting and scaling the data shifts and scales the interval", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 60 }),
        (data) => {
          fc.pre(new Set(data).size > 1);
          const got = ok(clusteredMean({ values: data }, 0.05));
          covers(got);
          const moved = ok(clusteredMean({ values: data.map((x) => 8 * x + 64) }, 0.05));
          expectClose(moved.lower, 8 * got.lower + 64, 1e-9, { absolute: 1e-8 });
          expectClose(moved.upper, 8 * got.upper + 64, 1e-9, { absolute: 1e-8 });
        },
      ),
      runs,
    );
  });

  test("copying every value into the same cluster does not narrow the interval", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 40 }), (data) => {
        fc.pre(new Set(data).size > 1);
        const once = ok(clusteredMean({ values: data }, 0.025));
        const clusters = [...data, ...data].map((_, i) => i % data.length);
        const twice = ok(clusteredMean({ values: [...data, ...data], clusters }, 0.025));
        expectClose(twice.standardError, once.standardError ?? 0, 1e-9);
        expect(twice.degreesOfFreedom).toBe(once.degreesOfFreedom);
      }),
      runs,
    );
  });

  test("a quantile interval is made of data, holds the quantile and widens as alpha falls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 80, maxLength: 200 }),
        (data) => {
          const [wide, narrow] = [
            ok(quantileInterval(data, { p: 0.9, alpha: 0.005 })),
            ok(quantileInterval(data, { p: 0.9, alpha: 0.05 })),
          ];
          covers(narrow);
          expect(data).toContain(narrow.lower);
          expect(wide.lower).toBeLessThanOrEqual(narrow.lower);
          expect(wide.upper).toBeGreaterThanOrEqual(narrow.upper);
          expectClose(narrow.estimate, ok(quantile(data, 0.9)), 1e-12);
        },
      ),
      runs,
    );
  });

  test("Mann–Whitney: U of both orders sums to all pairs", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [got, back] = [mannWhitney(a, b), mannWhitney(b, a)];
        if (got.kind !== "test" || back.kind !== "test") return;
        expectClose(got.statistic + back.statistic, a.length * b.length, 1e-12);
        expectClose(got.pGreater, back.pLess, 1e-9);
      }),
      runs,
    );
  });
});

describe("sums, corrections, tries", () => {
  test("the sum does not depend on the order beyond the last digits", () => {
    fc.assert(
      fc.property(values, (data) => {
        const scale = sum(data.map(Math.abs));
        expectClose(sum([...data].reverse()), sum(data), 0, { absolute: 1e-15 * scale });
      }),
      runs,
    );
  });

  test("adjusted p: at least the raw p, at most 1, in the raw order; Holm is the stricter", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (ps) => {
          const [strict, loose] = [ok(holm(ps)), ok(benjaminiHochberg(ps))];
          ps.forEach((p, i) => {
            expect(loose[i]).toBeGreaterThanOrEqual(p);
            expect(strict[i]).toBeGreaterThanOrEqual(loose[i] as number);
            expect(strict[i]).toBeLessThanOrEqual(1);
            ps.forEach((q, j) => {
              if (p < q) expect(strict[i]).toBeLessThanOrEqual(strict[j] as number);
            });
          });
        },
      ),
      runs,
    );
  });

  test("passHat ≤ pass rate ≤ passAt, equal at k = 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(30), fc.integer({ min: 1, max: 30 }), (n, c, k) => {
        fc.pre(c <= n && k <= n);
        const [all, any] = [ok(passHat(c, n, k)), ok(passAt(c, n, k))];
        expect(all).toBeLessThanOrEqual(c / n + 1e-12);
        expect(any).toBeGreaterThanOrEqual(c / n - 1e-12);
        expectClose(ok(passAt(c, n, 1)), c / n, 1e-12, { absolute: 1e-15 });
        expectClose(ok(passHat(c, n, 1)), c / n, 1e-12);
      }),
      runs,
    );
  });
});
