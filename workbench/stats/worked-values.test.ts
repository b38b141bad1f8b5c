import { describe, expect, test } from "vitest";
import { betaComparison } from "./beta-binomial.ts";
import { bradleyTerry } from "./bradley-terry.ts";
import { brunnerMunzel } from "./brunner-munzel.ts";
import { clusterSums } from "./cluster-sums.ts";
import { cohenKappa } from "./cohen-kappa.ts";
import { confidenceSequence } from "./confidence-sequence.ts";
import { normalLower, normalUpperQuantile, tUpperQuantile } from "./distribution.ts";
import { farringtonManning } from "./farrington-manning.ts";
import { fieller } from "./fieller.ts";
import { fleissKappa } from "./fleiss-kappa.ts";
import { integrate, gaussLegendre } from "./gauss-legendre.ts";
import { spendingBounds } from "./group-sequential.ts";
import { momentsFromSums, ratioFromSums } from "./integer-sums.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { mcnemarExact, mcnemarMidP } from "./mcnemar.ts";
import { momentsOf } from "./moments.ts";
import { mixtureTest } from "./msprt.ts";
import { benjaminiHochberg, holm } from "./multiplicity.ts";
import { noncentralTUpper } from "./noncentral-t.ts";
import { pairedCounts } from "./paired-counts.ts";
import { pairedMeanDifference } from "./paired-graded.ts";
import { pairedRatioTest } from "./paired-ratio.ts";
import { passAt, passHat } from "./pass-at.ts";
import { tPowerAt } from "./power-t.ts";
import { quantileInterval, quantileLeastN } from "./quantile-interval.ts";
import { midRanks } from "./ranked.ts";
import { ratioByUnit } from "./ratio-by-unit.ts";
import { root } from "./root.ts";
import { sampleRatio, sampleRatioSequential } from "./sample-ratio.ts";
import { signFlip } from "./sign-flip.ts";
import { sum } from "./sum.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";
import { welch } from "./welch.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";
import { winRate } from "./win-rate.ts";

/** Each docstring's worked value, to the digits it prints. */
const WORKED: readonly (readonly [string, number | undefined, number, number])[] = [
  ["normalLower", normalLower(-1.96), 0.024997895148220435, 12],
  ["normalUpperQuantile", normalUpperQuantile(0.025), 1.9599639845400538, 12],
  ["tUpperQuantile", tUpperQuantile(0.025, 9), 2.2621571627982053, 10],
  ["sum", sum([1, 1e100, 1, -1e100]), 2, 12],
  ["root", root((x) => x * x - 2, 0, 2), 1.414213562373095, 14],
  ["quadrature", integrate((x) => x ** 9, gaussLegendre(0, 1, 1)), 0.1, 14],
  [
    "paired t",
    ok(pairedMeanDifference({ baseline: [1, 2, 3], candidate: [2, 2, 5] }, 0.025)).lower,
    -1.4841,
    4,
  ],
  ["sign flip", ok(signFlip([1, 2, 3], { seed: 1 })).pGreater, 1 / 8, 12],
  ["wilcoxon", ok(wilcoxonSignedRank([1, 2, 3, 4, 5])).pGreater, 1 / 32, 12],
  ["mann-whitney", ok(mannWhitney([1, 2], [3, 4])).pGreater, 1 / 6, 12],
  ["brunner-munzel", ok(brunnerMunzel([1, 2, 3], [4, 5, 6])).pGreater, 1 / 20, 12],
  ["win rate", ok(winRate({ scores: [1, 0.5, 0, 1] }, 0.025)).standardError, 0.2394, 4],
  ["passAt", ok(passAt(2, 4, 2)), 5 / 6, 12],
  ["passHat", ok(passHat(2, 4, 2)), 1 / 6, 12],
  [
    "quantile interval",
    ok(quantileInterval([1, 2, 3, 4, 5, 6, 7, 8, 9], { p: 0.5, alpha: 0.025 })).lower,
    2,
    12,
  ],
  ["P95 upper n", quantileLeastN({ p: 0.95, alpha: 0.025 }), 72, 12],
  ["P99 upper n", quantileLeastN({ p: 0.99, alpha: 0.025 }), 368, 12],
  ["fieller", ok(fieller([9, 10, 11, 10], [10, 11, 12, 12], 0.025)).estimate, 1.125, 12],
  ["ratio by unit", ok(ratioByUnit({ numerators: [1, 2, 6], denominators: [1, 2, 3] })).variance, 0.1458, 4],
  ["noncentral t", noncentralTUpper(2.262, { df: 9, shift: 3 }), 0.7612, 4],
  ["t power", ok(tPowerAt(10, { alpha: 0.025, distance: 1, deviation: 1, arms: 1 })), 0.8031, 4],
  ["msprt", ok(mixtureTest([{ estimate: 0.1, variance: 0.001 }], 0.01)).lnRatios[0], 3.3465, 4],
  ["srm", ok(sampleRatio([5300, 4700], [0.5, 0.5])).statistic, 36, 10],
  ["sequential srm", ok(sampleRatioSequential([5300, 4700], [0.5, 0.5])).statistic, 15.1741, 4],
  [
    "fleiss",
    ok(
      fleissKappa([
        [3, 0],
        [0, 3],
        [2, 1],
      ]),
    ).estimate,
    0.55,
    12,
  ],
  [
    "beta-binomial chance",
    ok(betaComparison({ events: 1, trials: 2 }, { events: 1, trials: 2 })).chanceBetter,
    0.5,
    12,
  ],
  [
    "beta-binomial loss",
    ok(betaComparison({ events: 1, trials: 2 }, { events: 1, trials: 2 })).expectedLoss,
    0.1286,
    4,
  ],
];

describe("worked values of the docstrings", () => {
  for (const [name, got, expected, digits] of WORKED) {
    test(name, () => {
      expect(got).toBeCloseTo(expected, digits);
    });
  }

  test("score tests", () => {
    const table = { both: 70, baselineOnly: 10, candidateOnly: 8, neither: 12 };
    expect(ok(pairedRatioTest(table, 0.9)).statistic).toBeCloseTo(1.4061, 4);
    const arms = [
      { events: 85, trials: 100 },
      { events: 80, trials: 100 },
    ] as const;
    expect(ok(farringtonManning(...arms, -0.1)).statistic).toBeCloseTo(0.9271, 4);
    const eight = { both: 0, neither: 0, baselineOnly: 1, candidateOnly: 8 };
    expect(ok(mcnemarExact(eight)).pTwoSided).toBeCloseTo(0.0390625, 12);
    expect(ok(mcnemarMidP(eight)).pTwoSided).toBeCloseTo(0.021484375, 12);
  });

  test("Welch, sequence, spending", () => {
    const arms = { baseline: momentsOf([1, 2, 3, 4, 5]), candidate: momentsOf([2, 4, 6, 8, 10]) };
    expect(ok(welch(arms, 0.025)).lower).toBeCloseTo(-0.8877, 4);
    const look = { n: 1000, mean: 0, deviation: 1 };
    expect(ok(confidenceSequence(look, { alpha: 0.025, tightAt: 1000 })).upper).toBeCloseTo(0.096, 4);
    const plan = { alpha: 0.025, fractions: [0.5, 1], shape: "obrien-fleming", sides: 1 } as const;
    expect(ok(spendingBounds(plan)).map((z) => z.toFixed(4))).toEqual(["2.9626", "1.9686"]);
  });

  test("κ, strengths, ranks, corrections", () => {
    const rater = (counts: readonly number[], labels: string): string[] =>
      counts.flatMap((count, i) => Array.from({ length: count }, () => labels[i] as string));
    const raters = { first: rater([20, 5, 10, 15], "yynn"), second: rater([20, 5, 10, 15], "ynyn") };
    expect(ok(cohenKappa(raters, 0.025)).estimate).toBeCloseTo(0.4, 12);
    const games = [1, 1, 1, 0].map((score) => ({ first: "A", second: "B", score }));
    const [, b] = ok(bradleyTerry(games)).models;
    expect(b?.strength).toBeCloseTo(-1.0986, 4);
    expect(b?.standardError).toBeCloseTo(1.1547, 4);
    expect(midRanks([3, 1, 3])).toEqual({ ranks: [2.5, 1, 2.5], tieSum: 6 });
    expect(ok(holm([0.01, 0.04, 0.03]))).toEqual([0.03, 0.06, 0.06]);
    expect(ok(benjaminiHochberg([0.01, 0.04, 0.03]))).toEqual([0.03, 0.04, 0.04]);
    expect(clusterSums([1, 2, 3], ["a", "b", "a"])).toEqual({
      names: ["a", "b"],
      totals: [4, 2],
      sizes: [2, 1],
    });
    expect(pairedCounts([1, 0, true, 0], [1, 1, false, 0])).toEqual({
      both: 1,
      baselineOnly: 1,
      candidateOnly: 1,
      neither: 1,
    });
  });
});

describe("moments from integer sums", () => {
  test("worked values, and no digit lost on large offsets", () => {
    expect(ok(momentsFromSums({ count: 4n, sum: 10n, squares: 30n }))).toEqual({
      n: 4,
      mean: 2.5,
      variance: 5 / 3,
    });
    const far = [1n, 2n, 3n, 4n].map((x) => x + 10n ** 15n);
    const sums = {
      count: 4n,
      sum: far.reduce((a, x) => a + x),
      squares: far.reduce((a, x) => a + x * x, 0n),
    };
    expectClose(ok(momentsFromSums(sums)).variance, 5 / 3, 1e-15);
  });

  test("ratio by unit equals the array form", () => {
    const [n, d] = [
      [1, 2, 6, 0, 9],
      [1, 2, 3, 4, 9],
    ];
    const total = (f: (i: number) => number): bigint => BigInt(n.reduce((a, _x, i) => a + f(i), 0));
    const at = (list: readonly number[], i: number): number => list[i] as number;
    const got = ok(
      ratioFromSums({
        units: 5n,
        numerator: total((i) => at(n, i)),
        denominator: total((i) => at(d, i)),
        numeratorSquares: total((i) => at(n, i) ** 2),
        denominatorSquares: total((i) => at(d, i) ** 2),
        products: total((i) => at(n, i) * at(d, i)),
      }),
    );
    const expected = ok(ratioByUnit({ numerators: n, denominators: d }));
    expectClose(got.ratio, expected.ratio, 1e-14);
    expectClose(got.variance, expected.variance, 1e-12);
  });

  test("sums that do not belong together are refused", () => {
    expect(momentsFromSums({ count: 4n, sum: 10n, squares: 3n })).toHaveProperty("kind", "refused");
    expect(momentsFromSums({ count: 1n, sum: 1n, squares: 1n })).toHaveProperty("kind", "refused");
  });
});
