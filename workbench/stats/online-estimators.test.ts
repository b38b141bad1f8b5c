import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cupedRatio, type UnitSumsWithPre } from "./cuped-ratio.ts";
import { groupQuantile, quantileOf, type QuantileArm } from "./group-quantile.ts";
import type { UnitIntegerSums } from "./integer-sums.ts";
import { covariance, momentsOf } from "./moments.ts";
import { quantileContrast } from "./quantile-contrast.ts";
import { seeded } from "./random.ts";
import { ratioByUnit, ratioContrast } from "./ratio-by-unit.ts";
import { quantile } from "./ranked.ts";
import { isRefused } from "./refused.ts";
import { stratifiedRatio, stratifiedRatioTest } from "./stratified-ratio.ts";
import { expectClose } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";

const sums = (n: readonly number[], d: readonly number[]): UnitIntegerSums => {
  const dot = (x: readonly number[], y: readonly number[]): bigint =>
    x.reduce((sum, value, i) => sum + BigInt(value) * BigInt(y[i] as number), 0n);
  const ones = n.map(() => 1);
  return {
    units: BigInt(n.length),
    numerator: dot(n, ones),
    denominator: dot(d, ones),
    numeratorSquares: dot(n, n),
    denominatorSquares: dot(d, d),
    products: dot(n, d),
  };
};
type Columns = readonly [
  n: readonly number[],
  d: readonly number[],
  p: readonly number[],
  q: readonly number[],
];
const withPre = ([n, d, p, q]: Columns): UnitSumsWithPre => ({
  ...sums(n, d),
  pre: sums(p, q),
  cross: {
    np: sums(n, p).products,
    nq: sums(n, q).products,
    dp: sums(d, p).products,
    dq: sums(d, q).products,
  },
});

describe("stratified ratio", () => {
  test("one stratum is the plain contrast", () => {
    const a = ok(ratioByUnit({ numerators: [1, 2, 6, 3], denominators: [1, 2, 3, 3] }));
    const b = ok(ratioByUnit({ numerators: [2, 2, 6, 5], denominators: [1, 1, 3, 4] }));
    for (const ratio of [1, 0.95]) {
      const plain = ok(ratioContrast(a, b, { alpha: 0.025, ratio }));
      const got = ok(stratifiedRatio([{ baseline: a, candidate: b }], { alpha: 0.025, ratio }));
      for (const key of ["estimate", "lower", "upper", "standardError", "degreesOfFreedom"] as const)
        expectClose(got[key], plain[key] as number, 1e-12);
    }
  });

  test("the worked value, and a change of mix between stages is no effect", () => {
    const arm = (ratio: number, units: number) =>
      ({ kind: "unit-ratio", units, ratio, variance: 0.01 }) as const;
    const strata = [
      { baseline: arm(0.5, 2), candidate: arm(0.6, 2) },
      { baseline: arm(0.2, 4), candidate: arm(0.6, 4) },
    ];
    expectClose(ok(stratifiedRatio(strata, { alpha: 0.025 })).estimate, 0.3, 1e-12);
    // Simpson: equal inside each stage, but the candidate's units came mostly in the worse one.
    const mixed = [
      { baseline: arm(0.9, 900), candidate: arm(0.9, 100) },
      { baseline: arm(0.5, 100), candidate: arm(0.5, 900) },
    ];
    expectClose(ok(stratifiedRatio(mixed, { alpha: 0.025 })).estimate, 0, 1e-12);
    expectClose(ok(stratifiedRatioTest(mixed, 0)).pGreater, 0.5, 1e-12);
    expect(stratifiedRatio([], { alpha: 0.025 })).toMatchObject({ kind: "refused" });
  });
});

describe("CUPED for a ratio", () => {
  test("the worked value", () => {
    const one = [1, 1, 1];
    const got = ok(
      cupedRatio(withPre([[1, 2, 6], one, [1, 2, 6], one]), withPre([[2, 3, 7], one, [1, 2, 6], one])),
    );
    expectClose(got.theta, 1, 1e-12);
    expectClose(got.candidate.ratio - got.baseline.ratio, 1, 1e-12);
    expectClose(got.varianceRemoved, 1, 1e-12);
  });

  test("agrees with the textbook formula on unit values in doubles", () => {
    const random = seeded("cuped");
    const column = (m: number, most: number, least = 0) =>
      Array.from({ length: m }, () => least + random.below(most));
    const arm = (m: number): Columns => {
      const p = column(m, 20);
      return [p.map((value) => value + random.below(9)), column(m, 5, 1), p, column(m, 4, 1)];
    };
    const [A, B] = [arm(40), arm(60)];
    const got = ok(cupedRatio(withPre(A), withPre(B)));
    const total = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0);
    const rho = (total(A[2]) + total(B[2])) / (total(A[3]) + total(B[3]));
    const meanQ = (total(A[3]) + total(B[3])) / 100;
    const lines = [A, B].map(([n, d, p, q]) => {
      const ratio = total(n) / total(d);
      const l = n.map((value, i) => (value - ratio * (d[i] as number)) / (total(d) / d.length));
      return { ratio, l, x: p.map((value, i) => (value - rho * (q[i] as number)) / meanQ) };
    });
    const pooled = (f: (line: { l: number[]; x: number[] }) => number): number =>
      lines.reduce((sum, line) => sum + (line.x.length - 1) * f(line), 0);
    const theta = pooled(({ l, x }) => covariance(l, x)) / pooled(({ x }) => momentsOf(x).variance);
    expectClose(got.theta, theta, 1e-9);
    for (const [i, found] of [got.baseline, got.candidate].entries()) {
      const { ratio, l, x } = lines[i] as (typeof lines)[number];
      expectClose(found.ratio, ratio - theta * momentsOf(x).mean, 1e-9);
      expectClose(
        found.variance,
        momentsOf(l.map((value, j) => value - theta * (x[j] as number))).variance / x.length,
        1e-9,
      );
    }
    expect(got.varianceRemoved).toBeGreaterThan(0.2);
  });

  test("an interval after adjustment still covers, and is narrower", () => {
    const random = seeded("coverage");
    const runs = 1500;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const arm = (shift: number): Columns => {
        const columns: [number[], number[], number[], number[]] = [[], [], [], []];
        for (let unit = 0; unit < 80; unit++) {
          const habit = random.uniform();
          const [d, q] = [1 + random.below(4), random.below(4)];
          const hits = (k: number, p: number): number =>
            Array.from({ length: k }, () => Number(random.uniform() < p)).reduce((sum, hit) => sum + hit, 0);
          columns[0].push(hits(d, habit * 0.9 + shift));
          columns[1].push(d);
          columns[2].push(hits(q, habit * 0.9));
          columns[3].push(q);
        }
        return columns;
      };
      const { baseline, candidate } = ok(cupedRatio(withPre(arm(0)), withPre(arm(0.1))));
      const { lower, upper } = ok(stratifiedRatio([{ baseline, candidate }], { alpha: 0.025 }));
      if (lower <= 0.1 && 0.1 <= upper) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs));
  });

  test("refused without a pre-period", () => {
    const none = withPre([
      [1, 2],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    expect(cupedRatio(none, none)).toEqual({ kind: "refused", reason: "no unit has a pre-period" });
  });
});

/** An arm of units with their values, told to the estimator whole, or as a window around the quantile. */
function quantileArm(units: readonly (readonly number[])[], window: readonly [number, number]): QuantileArm {
  const inside = units
    .flatMap((values, group) => values.map((value) => ({ value, group })))
    .filter(({ value }) => value >= window[0] && value <= window[1])
    .sort((a, b) => a.value - b.value || a.group - b.group);
  return {
    totals: units.map((values) => values.length),
    below: units.map((values) => values.filter((value) => value < window[0]).length),
    values: inside.map(({ value }) => value),
    groups: inside.map(({ group }) => group),
  };
}

describe("quantiles by group", () => {
  const random = seeded("quantile");
  const units = (count: number, scale: number) =>
    Array.from({ length: count }, () =>
      Array.from({ length: 1 + random.below(8) }, () => Math.round(scale * (1 + random.uniform()) ** 4)),
    );
  const all: readonly [number, number] = [-Infinity, Infinity];

  test("on the data itself it is the type-7 quantile, windowed or whole", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }), { minLength: 3 }),
        (data) => {
          const expected = ok(quantile(data.flat(), 0.7) as never) as number;
          const ones = new Uint32Array(data.length).fill(1);
          expect(quantileOf(quantileArm(data, all), ones, 0.7)).toBeCloseTo(expected, 9);
          const near: readonly [number, number] = [Math.floor(expected) - 50, expected + 50];
          expect(quantileOf(quantileArm(data, near), ones, 0.7)).toBeCloseTo(expected, 9);
        },
      ),
    );
  });

  test("agrees with the bootstrap that holds every value", () => {
    const [a, b] = [units(150, 100), units(170, 110)];
    const plan = { p: 0.9, alpha: 0.025, seed: 7, ratio: 1.05, replicates: 4000 };
    const got = ok(groupQuantile(quantileArm(a, all), quantileArm(b, all), plan));
    const clustered = (data: readonly (readonly number[])[]) => ({
      values: data.flat(),
      clusters: data.flatMap((values, i) => values.map(() => i)),
    });
    const whole = ok(quantileContrast({ ...plan, baseline: clustered(a), candidate: clustered(b) }));
    expectClose(got.estimate, whole.estimate, 1e-9);
    const width = whole.upper - whole.lower;
    expect(Math.abs(got.lower - whole.lower)).toBeLessThan(0.1 * width);
    expect(Math.abs(got.upper - whole.upper)).toBeLessThan(0.1 * width);
    const narrow: readonly [number, number] = [600, 1800];
    const windowed = ok(groupQuantile(quantileArm(a, narrow), quantileArm(b, narrow), plan));
    expect([windowed.lower, windowed.upper]).toEqual([got.lower, got.upper]);
  });

  test("too few values beyond it are refused; a level beyond the replicates uses z", () => {
    const few = quantileArm(units(20, 100), all);
    const refusal = groupQuantile(few, few, { p: 0.99, alpha: 0.025, seed: 7 });
    expect(isRefused(refusal) && refusal.reason).toContain("quantile-n");
    const arm = quantileArm(units(100, 100), all);
    const far = ok(groupQuantile(arm, arm, { p: 0.9, alpha: 1e-5, seed: 7 }));
    expect(far.upper - far.lower).toBeGreaterThan(8 * (far.standardError as number));
  });
});
