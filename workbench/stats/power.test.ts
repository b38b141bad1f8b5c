import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/agreement.json" with { type: "json" };
import { describe as describeValues } from "./describe.ts";
import { nNeeded } from "./n-needed.ts";
import { noncentralTLower, noncentralTUpper } from "./noncentral-t.ts";
import {
  designEffect,
  independentBinaryVariance,
  looksFactor,
  pairedBinaryNullVariance,
  pairedBinaryVariance,
  pairedGradedVariance,
  quantileVariance,
} from "./planning-variance.ts";
import { detectable, mcnemarPairsNeeded, powerAt, powerPerTest, unitsNeeded } from "./power.ts";
import { tPowerAt, tUnitsNeeded } from "./power-t.ts";
import { expectClose, reasonOf } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";
import { winsorised } from "./winsorise.ts";

const plan = { alpha: 0.025, power: 0.9, distance: 0.05 };

describe("planning", () => {
  test("scale: 1,072 an arm independent, 841 and 421 items paired", () => {
    expect(unitsNeeded({ ...plan, variance: independentBinaryVariance(0.85, 0.85) })).toBe(1072);
    expect(unitsNeeded({ ...plan, variance: pairedBinaryVariance(0.2, 0) })).toBe(841);
    // 0.20704451 maximises the restricted likelihood directly (SciPy's minimize_scalar).
    const nullVariance = pairedBinaryNullVariance(0.2, 0, -0.05);
    expectClose(nullVariance, 0.2070445112747344, 1e-8);
    expect(unitsNeeded({ ...plan, variance: pairedBinaryVariance(0.2, 0), nullVariance })).toBe(859);
    expect(unitsNeeded({ ...plan, variance: pairedBinaryVariance(0.1, 0) })).toBe(421);
  });

  test("n, detectable distance and power are one curve", () => {
    const variance = 0.2;
    expectClose(ok(detectable({ ...plan, variance, n: 840.7 })), 0.05, 1e-4);
    expectClose(ok(powerAt({ ...plan, variance, n: 841 })), 0.9, 1e-3);
    expectClose(ok(powerAt({ alpha: 0.025, variance, n: 500, distance: 0 })), 0.025, 1e-9);
  });

  test("variances of one unit", () => {
    const spread = { betweenItems: 0.1, withinBaseline: 0.2, withinCandidate: 0.4 };
    expectClose(pairedGradedVariance({ ...spread, epochsBaseline: 2, epochsCandidate: 4 }), 0.3, 1e-12);
    expectClose(quantileVariance(0.95, 0.5, 0.25), 0.95);
    expectClose(designEffect(20, 0.2), 4.8, 1e-12);
    expect(looksFactor.pocock).toBe(1.2);
  });

  test("Connor's form asks for slightly fewer pairs than the plain one under an effect", () => {
    expect(mcnemarPairsNeeded({ alpha: 0.025, power: 0.9, discordance: 0.2, effect: 0.05 })).toBe(837);
  });

  test("three guardrails beside the primary cost about 46 % more items", () => {
    const variance = 0.2;
    const one = ok(unitsNeeded({ ...plan, variance }));
    const four = ok(unitsNeeded({ ...plan, power: powerPerTest(0.9, 4), variance }));
    expectClose(four / one, 1.46, 0.02);
  });
});

describe("t tests by the noncentral t", () => {
  test("noncentral t agrees with SciPy in both tails", () => {
    for (const [t = 0, df = 0, shift = 0, upper = 0, lower = 0] of golden.noncentralT) {
      expectClose(noncentralTUpper(t, { df, shift }), upper, 1e-9, { what: `upper ${t}/${df}/${shift}` });
      expectClose(noncentralTLower(t, { df, shift }), lower, 1e-9, { what: `lower ${t}/${df}/${shift}` });
    }
  });

  test("power agrees with statsmodels; the n found is the least", () => {
    golden.tPower.forEach(([n = 0, arms = 1, distance = 0, power = 0], i) => {
      const alpha = golden.tPowerAlpha[i] as number;
      const design = { alpha, distance, deviation: 1, arms: arms as 1 | 2 };
      expectClose(ok(tPowerAt(n, design)), power, 1e-8);
      const least = ok(tUnitsNeeded(0.9, design));
      expect(ok(tPowerAt(least, design))).toBeGreaterThanOrEqual(0.9);
      expect(ok(tPowerAt(least - 1, design))).toBeLessThan(0.9);
    });
  });
});

describe("n needed", () => {
  const standing = {
    n: 400,
    estimate: 0,
    halfWidth: 0.06,
    margin: 0.05,
    alpha: 0.025,
    power: 0.9,
    planned: { n: 841, effect: 0 },
  };

  test("carries the power factor (2.7 at 0.9)", () => {
    const got = ok(nNeeded(standing));
    expect(got.shrunk).toBe(1576);
    expectClose(Number(got.asSeen) / (400 * (0.06 / 0.05) ** 2), 2.735, 1e-3);
  });

  test("shrinks towards the plan, so that an unlucky start does not ask for the moon", () => {
    const got = ok(nNeeded({ ...standing, estimate: -0.045 }));
    expect(Number(got.asSeen)).toBeGreaterThan(100 * Number(got.asPlanned) * 0.9);
    expect(Number(got.shrunk)).toBeLessThan(3 * Number(got.asPlanned));
  });

  test("refuses the branch that more data will not help", () => {
    const got = ok(nNeeded({ ...standing, estimate: -0.06 }));
    expect(reasonOf(got.asSeen)).toBe("more-data-unlikely-to-help");
    expect(typeof got.asPlanned).toBe("number");
  });
});

describe("descriptions", () => {
  test("describe and winsorise", () => {
    const got = ok(describeValues([4, 1, 3, 2]));
    expect([got.n, got.mean, got.min, got.p50, got.max]).toEqual([4, 2.5, 1, 2.5, 4]);
    expect(got.skewness).toBeCloseTo(0, 12);
    expect(winsorised([1, 2, 3, 100], 0.5)).toEqual([1, 2, 2.5, 2.5]);
  });
});
