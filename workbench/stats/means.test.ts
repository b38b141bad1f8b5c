import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/means.json" with { type: "json" };
import { brunnerMunzel, chanceGreater } from "./brunner-munzel.ts";
import { clusteredMean, clusteredTest } from "./clustered-mean.ts";
import { cuped } from "./cuped.ts";
import { fieller } from "./fieller.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { momentsOf } from "./moments.ts";
import { pairedMeanDifference, pairedMeanTest } from "./paired-graded.ts";
import { quantile } from "./ranked.ts";
import { ratioByUnit, ratioContrast } from "./ratio-by-unit.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";
import { welch, welchTest } from "./welch.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

describe("means agree with statsmodels and SciPy", () => {
  test("cluster-robust mean, t with C − 1 degrees of freedom", () => {
    for (const { values, clusters, ...expected } of golden.clustered) {
      const got = ok(clusteredMean({ values, clusters }, 0.025));
      expectClose(got.estimate, expected.mean);
      expectClose(got.standardError, expected.se);
      expectClose(got.lower, expected.lower);
      expectClose(got.upper, expected.upper);
      expectClose(ok(clusteredTest({ values, clusters }, 0)).pTwoSided, expected.pTwoSided);
    }
  });

  test("Welch with a contrast k", () => {
    for (const { a, b, k, ...expected } of golden.welch) {
      const arms = { baseline: momentsOf(a), candidate: momentsOf(b), ratio: k };
      const got = ok(welch(arms, 0.025));
      const p = ok(welchTest(arms, 0));
      expectClose(got.degreesOfFreedom, expected.df);
      expectClose(got.lower, expected.lower);
      expectClose(got.upper, expected.upper);
      expectClose(p.statistic, expected.t);
      expectClose(p.pGreater, expected.pGreater);
      expectClose(p.pTwoSided, expected.pTwoSided);
    }
  });

  test("Fieller against root search on the contrast", () => {
    for (const { a, b, ...expected } of golden.fieller) {
      const got = ok(fieller(a, b, 0.025));
      expectClose(got.estimate, expected.ratio);
      expectClose(got.lower, expected.lower);
      expectClose(got.upper, expected.upper);
    }
  });

  test("ratio of sums by user against residuals", () => {
    for (const { n, d, ...expected } of golden.ratio) {
      const got = ok(ratioByUnit({ numerators: n, denominators: d }));
      expectClose(got.ratio, expected.ratio);
      expectClose(got.variance, expected.variance);
    }
  });

  test("CUPED against an OLS slope", () => {
    for (const { ya, xa, yb, xb, ...expected } of golden.cuped) {
      const got = ok(cuped({ y: ya, x: xa }, { y: yb, x: xb }));
      expectClose(got.theta, expected.theta);
      expectClose(got.baseline.mean, expected.means[0] as number);
      expectClose(got.candidate.variance, expected.variances[1] as number);
      expect(got.varianceRemoved).toBeGreaterThan(0.3);
    }
  });
});

describe("ranks agree with SciPy", () => {
  test("Wilcoxon, exact and with ties", () => {
    for (const { values, ...expected } of golden.wilcoxon) {
      const got = ok(wilcoxonSignedRank(values));
      expectClose(got.statistic, expected.statistic);
      expectClose(got.pGreater, expected.pGreater);
      expectClose(got.pLess, expected.pLess);
    }
  });

  test("Mann–Whitney, exact and with ties", () => {
    for (const { a, b, ...expected } of golden.mannWhitney) {
      const got = ok(mannWhitney(a, b));
      expectClose(got.statistic, expected.u);
      expectClose(got.pGreater, expected.pGreater);
      expectClose(got.pLess, expected.pLess);
    }
  });

  test("Brunner–Munzel and its interval", () => {
    for (const { a, b, ...expected } of golden.brunnerMunzel) {
      const got = ok(brunnerMunzel(a, b));
      expectClose(Math.abs(got.statistic), Math.abs(expected.statistic));
      expectClose(got.pTwoSided, expected.pTwoSided);
      const chance = ok(chanceGreater(a, b, 0.025));
      const wins = a.flatMap((x) => b.map((y) => (y > x ? 1 : y === x ? 0.5 : 0)));
      expectClose(chance.estimate, momentsOf(wins).mean, 1e-12);
    }
  });

  test("Brunner–Munzel at small n lists every split", () => {
    for (const { a, b, pGreater, pLess } of golden.brunnerMunzelExact) {
      const got = ok(brunnerMunzel(a, b));
      expectClose(got.pGreater, pGreater);
      expectClose(got.pLess, pLess);
    }
  });

  test("type-7 quantile agrees with NumPy", () => {
    for (const [p = 0, value = 0] of golden.quantile7) {
      expectClose(ok(quantile(golden.gradedValues, p)), value, 1e-12);
    }
  });
});

describe("contrasts", () => {
  const baseline = [0.9, 0.4, 0.7, 0.2, 0.8, 0.55];
  const candidate = [0.8, 0.5, 0.9, 0.4, 0.7, 0.6];

  test("ratio 1 is the plain difference and singletons as clusters change nothing", () => {
    const plain = ok(pairedMeanDifference({ baseline, candidate }, 0.025));
    const clusters = baseline.map((_, i) => `item-${i}`);
    const named = ok(pairedMeanDifference({ baseline, candidate, clusters }, 0.025));
    expect(named).toEqual(plain);
    expectClose(plain.estimate, momentsOf(candidate).mean - momentsOf(baseline).mean, 1e-12);
  });

  test("a relative contrast is above 0 exactly when its test is below alpha", () => {
    for (const ratio of [0.5, 0.8, 0.95, 1, 1.1]) {
      const interval = ok(pairedMeanDifference({ baseline, candidate }, 0.025, ratio));
      const p = ok(pairedMeanTest({ baseline, candidate }, 0, ratio)).pGreater;
      expect(interval.lower > 0).toBe(p < 0.025);
    }
  });

  test("a contrast of ratios by user uses both variances", () => {
    const a = ok(ratioByUnit({ numerators: [1, 2, 6, 3], denominators: [1, 2, 3, 4] }));
    const b = ok(ratioByUnit({ numerators: [2, 2, 5, 4], denominators: [2, 2, 3, 4] }));
    const got = ok(ratioContrast(a, b, { alpha: 0.025, ratio: 0.9 }));
    expectClose(got.estimate, b.ratio - 0.9 * a.ratio, 1e-12);
    expectClose(got.standardError, Math.sqrt(b.variance + 0.81 * a.variance), 1e-12);
  });
});
