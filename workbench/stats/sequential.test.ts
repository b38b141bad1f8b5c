import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/sequential.json" with { type: "json" };
import { confidenceSequence, lowerConfidenceSequence } from "./confidence-sequence.ts";
import { classicBounds, crossing, spendingBounds, spentAt, type LookPlan } from "./group-sequential.ts";
import { mixtureTest } from "./msprt.ts";
import { benjaminiHochberg, holm } from "./multiplicity.ts";
import { sampleRatio, sampleRatioSequential } from "./sample-ratio.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";

const five = [0.2, 0.4, 0.6, 0.8, 1];

describe("group-sequential bounds", () => {
  test("published: five looks, O'Brien–Fleming 2.040, Pocock 2.413", () => {
    const plan = { alpha: 0.025, fractions: five, sides: 2 } as const;
    expect(
      ok(classicBounds({ ...plan, shape: "obrien-fleming" }))
        .at(-1)
        ?.toFixed(3),
    ).toBe("2.040");
    expect(
      ok(classicBounds({ ...plan, shape: "pocock" }))
        .at(-1)
        ?.toFixed(3),
    ).toBe("2.413");
  });

  test("classic and spending bounds agree with an independent integration", () => {
    for (const [cases, find] of [
      [golden.classic, classicBounds],
      [golden.spending, spendingBounds],
    ] as const) {
      for (const { bounds, ...plan } of cases) {
        const got = ok(find(plan as LookPlan));
        bounds.forEach((bound, look) => {
          expectClose(got[look], bound, 1e-9, { what: `${plan.shape} look ${look}` });
        });
      }
    }
  });

  test("crossing under drift", () => {
    for (const [bounds, fractions, sides, drift, expected] of golden.crossing as [
      number[],
      number[],
      1 | 2,
      number,
      number[],
    ][]) {
      const got = crossing({ bounds, fractions, sides, drift });
      expected.forEach((p, look) => {
        expectClose(got[look], p, 1e-9);
      });
    }
  });

  test("spending bounds spend what they say, and all of alpha at the end", () => {
    const plan = { alpha: 0.025, fractions: [0.1, 0.35, 0.7, 1], shape: "obrien-fleming", sides: 1 } as const;
    const bounds = ok(spendingBounds(plan));
    let spent = 0;
    crossing({ bounds, fractions: plan.fractions, sides: 1 }).forEach((p, look) => {
      spent += p;
      expectClose(spent, spentAt(plan.fractions[look] as number, plan), 1e-8);
    });
    expectClose(spent, 0.025, 1e-9);
  });
});

describe("sequences", () => {
  test("confidence sequence, two-sided and lower", () => {
    for (const row of golden.confidenceSequence) {
      const [n, deviation, alpha, tightAt, half, lowerHalf] = row as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const look = { n, mean: 0.25, deviation };
      const got = ok(confidenceSequence(look, { alpha, tightAt }));
      expectClose(got.upper - 0.25, half, 1e-9);
      expectClose(0.25 - ok(lowerConfidenceSequence(look, { alpha, tightAt })), lowerHalf, 1e-9);
    }
  });

  test("mixture test: likelihood ratio, and a p that never rises", () => {
    for (const [estimate = 0, variance = 0, tau = 0, lnRatio = 0] of golden.mixture) {
      expectClose(ok(mixtureTest([{ estimate, variance }], tau)).lnRatios[0], lnRatio, 1e-9);
    }
    const looks = [0.3, 0.05, 0.2, 0].map((estimate, i) => ({ estimate, variance: 0.01 / (i + 1) }));
    const { ps } = ok(mixtureTest(looks, 0.02));
    ps.forEach((p, i) => {
      expect(p).toBeLessThanOrEqual(ps[i - 1] ?? 1);
    });
  });
});

describe("sample ratio and corrections", () => {
  test("chi-square and sequential multinomial", () => {
    for (const [counts, shares, statistic, p] of golden.sampleRatio as [
      number[],
      number[],
      number,
      number,
    ][]) {
      const got = ok(sampleRatio(counts, shares));
      expectClose(got.statistic, statistic);
      expectClose(got.p, p);
    }
    for (const row of golden.sampleRatioSequential as [number[], number[], number, number, number][]) {
      const got = ok(sampleRatioSequential(row[0], row[1], row[2]));
      expectClose(got.statistic, row[3], 1e-8);
      expectClose(got.p, row[4], 1e-8);
    }
  });

  test("6 % of one arm lost at 10,000 units an arm is a mismatch; an even split is not", () => {
    expect(ok(sampleRatio([10_000, 9_400], [0.5, 0.5])).p).toBeLessThan(0.001);
    expect(ok(sampleRatio([10_000, 10_050], [0.5, 0.5])).p).toBeGreaterThan(0.001);
  });

  test("Holm and Benjamini–Hochberg agree with statsmodels, in input order", () => {
    ok(holm(golden.ps)).forEach((p, i) => {
      expectClose(p, golden.holm[i] as number, 1e-12);
    });
    ok(benjaminiHochberg(golden.ps)).forEach((p, i) => {
      expectClose(p, golden.benjaminiHochberg[i] as number, 1e-12);
    });
  });
});
