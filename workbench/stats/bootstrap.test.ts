import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/resampling.json" with { type: "json" };
import { binomialDraw } from "./binomial-draw.ts";
import { bootstrap, replicateEstimate } from "./bootstrap.ts";
import { bootstrapMean } from "./bootstrap-mean.ts";
import { clusteredMean } from "./clustered-mean.ts";
import { chiSquareUpper, binomialPoint } from "./distribution.ts";
import { quantileContrast } from "./quantile-contrast.ts";
import { seeded } from "./random.ts";
import { quantile } from "./ranked.ts";
import { signFlip } from "./sign-flip.ts";
import { sum } from "./sum.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";

const skewed = golden.values;

describe("binomial draws follow the binomial law", () => {
  for (const [n, p] of [
    [20, 0.3],
    [1000, 0.004],
    [60, 0.5],
    [400, 0.9],
    [100_000, 0.4],
  ] as const) {
    test(`n ${n}, p ${p}`, () => {
      const random = seeded(`binomial-${n}`);
      const draws = 20_000;
      const counts = new Map<number, number>();
      for (let i = 0; i < draws; i++) {
        const k = binomialDraw(random, n, p);
        counts.set(k, (counts.get(k) ?? 0) + 1);
      }
      // Pearson's χ² over the values expected at least 20 times, the rest as one class.
      let [statistic, cells, restSeen, restExpected] = [0, 0, draws, draws];
      for (let k = 0; k <= n; k++) {
        const expected = draws * binomialPoint(k, n, p);
        if (expected < 20) continue;
        const seen = counts.get(k) ?? 0;
        statistic += (seen - expected) ** 2 / expected;
        cells++;
        restSeen -= seen;
        restExpected -= expected;
      }
      if (restExpected > 1) statistic += (restSeen - restExpected) ** 2 / restExpected;
      expect(chiSquareUpper(statistic, cells)).toBeGreaterThan(1e-4);
    });
  }
});

describe("bootstrap of a mean", () => {
  test("the same seed gives the same bits, another seed others", () => {
    const plan = { seed: "a", replicates: 500 };
    expect(bootstrapMean({ values: skewed }, 0.025, plan)).toEqual(
      bootstrapMean({ values: skewed }, 0.025, plan),
    );
    expect(bootstrapMean({ values: skewed }, 0.025, { ...plan, seed: "b" })).not.toEqual(
      bootstrapMean({ values: skewed }, 0.025, plan),
    );
  });

  test("the multinomial short cut has the law of row resampling", () => {
    const values = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 1 : i % 7 === 0 ? -1 : 0));
    const short = ok(bootstrapMean({ values }, 0.025, { seed: 1, replicates: 20_000 }));
    const rows = ok(
      bootstrap<number>(values, (sample) => sum(sample) / sample.length, {
        seed: 2,
        replicates: 20_000,
        alpha: 0.025,
      }),
    );
    expectClose(short.standardError, rows.standardError ?? 0, 0.03);
    expectClose(short.lower, rows.lower, 0, { absolute: 0.005 });
    expectClose(short.upper, rows.upper, 0, { absolute: 0.005 });
    const plain = ok(clusteredMean({ values }, 0.025));
    expectClose(short.standardError, plain.standardError ?? 0, 0.03);
  });

  test("whole clusters are drawn: the error matches the cluster-robust one", () => {
    const clusters = Array.from({ length: 600 }, (_, i) => Math.floor(i / 10));
    const random = seeded(3);
    const shift = Array.from({ length: 60 }, () => random.uniform());
    const values = clusters.map((c) => Math.round(8 * (shift[c] as number) + 2 * random.uniform()) / 8);
    const got = ok(bootstrapMean({ values, clusters }, 0.025, { seed: 1, replicates: 5000 }));
    const robust = ok(clusteredMean({ values, clusters }, 0.025));
    expect(got.clusters).toBe(60);
    expectClose(got.standardError, robust.standardError ?? 0, 0.06);
    expect(got.standardError).toBeGreaterThan(
      1.8 * (ok(clusteredMean({ values }, 0.025)).standardError ?? 0),
    );
  });

  test("percentile and BCa limits agree with SciPy's 2 million resamples", () => {
    for (const method of ["percentile", "bca"] as const) {
      const got = ok(bootstrapMean({ values: skewed }, 0.025, { seed: 4, replicates: 100_000, method }));
      const expected = golden[method];
      expectClose(got.standardError, expected.se, 0.01);
      // Four simulation errors of a 2.5 % and a 97.5 % quantile of 100,000 draws.
      expectClose(got.lower, expected.lower, 0, { absolute: 0.025 });
      expectClose(got.upper, expected.upper, 0, { absolute: 0.1 });
    }
  });

  test("10,000 resamples of 100,000 paired answers take well under a second", () => {
    const values = Array.from({ length: 100_000 }, (_, i) => (i % 5 === 0 ? 1 : i % 7 === 0 ? -1 : 0));
    const before = process.cpuUsage().user;
    ok(bootstrapMean({ values }, 0.025, { seed: 1 }));
    expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(2);
  });
});

test("drawn sign flips approach the exact ones", () => {
  const differences = Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? -1 : 1) * (1 + (i % 3)));
  const exact = ok(signFlip(differences, { seed: 1 }));
  const drawn = ok(signFlip([...differences, 1e-9], { seed: 1, draws: 40_000 }));
  expectClose(drawn.pGreater, exact.pGreater, 0, { absolute: 0.01 });
});

describe("contrast of quantiles", () => {
  const random = seeded(9);
  const latency = Array.from({ length: 400 }, () => 100 + 900 * random.uniform() ** 3);

  test("an arm against itself, paired, holds 0 and a slower one is seen", () => {
    const slower = latency.map((x, i) => x * (1.2 + 0.0001 * (i % 5)));
    const question = { p: 0.95, alpha: 0.025, seed: 1, paired: true, baseline: { values: latency } };
    const got = ok(quantileContrast({ ...question, candidate: { values: slower } }));
    expect(got.lower).toBeGreaterThan(0);
    const within = ok(quantileContrast({ ...question, candidate: { values: slower }, ratio: 1.4 }));
    expect(within.upper).toBeLessThan(0);
    const unpaired = ok(quantileContrast({ ...question, paired: false, candidate: { values: latency } }));
    expect(unpaired.lower).toBeLessThan(0);
    expect(unpaired.upper).toBeGreaterThan(0);
  });

  test.each([0.1, 0.5, 0.9])("p %d: equals quantiles of resamples written out value by value", (p) => {
    const size = 120;
    const draws = seeded(11);
    const clusters = Array.from({ length: size }, () => draws.below(40));
    const baseline = Array.from({ length: size }, () => draws.below(30));
    const candidate = Array.from({ length: size }, () => draws.below(50));
    const arms = { baseline: { values: baseline, clusters }, candidate: { values: candidate, clusters } };
    const plan = { p, ratio: 1.1, paired: true, alpha: 0.05, seed: 5, replicates: 300 };
    const names = [...new Set(clusters)];
    const random = seeded(5);
    const replicates = Float64Array.from({ length: 300 }, () => {
      const drawn = new Uint32Array(names.length);
      random.fillBelow(drawn, names.length);
      const resample = (values: readonly number[]): number[] =>
        [...drawn].flatMap((at) => values.filter((_, i) => clusters[i] === names[at]));
      return ok(quantile(resample(candidate), p)) - 1.1 * ok(quantile(resample(baseline), p));
    });
    const parts = { estimate: 0, n: 1, clusters: 1, method: "percentile" };
    const { lower, upper } = replicateEstimate({ ...parts, replicates, alpha: 0.05 });
    const got = ok(quantileContrast({ ...plan, ...arms }));
    expectClose(got.lower, lower, 1e-12, { absolute: 1e-12 });
    expectClose(got.upper, upper, 1e-12, { absolute: 1e-12 });
  });
});
