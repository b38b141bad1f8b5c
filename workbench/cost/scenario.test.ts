import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Scenario } from "../schema/scenario.ts";
import { isRefused } from "../stats/refused.ts";
import { flipPoints } from "./flip-points.ts";
import { outcomeOf, type CaseOutcome } from "./scenario.ts";
import { medianCase, simulate } from "./simulate.ts";
import { optionCosts, switchPoints } from "./switch-points.ts";
import { quantileOf, quantileTable } from "./uncertain.ts";

const ZERO = { trainingUsd: 0, labellingUsd: 0, evaluationUsd: 0, engineeringUsd: 0 };
const scenario = (more: object): Scenario =>
  Scenario.parse({
    schema: "workbench/scenario@1",
    question: "test",
    requestsPerDay: 1000,
    baseline: { kind: "request", usdPerRequest: 0.05 },
    candidate: { kind: "request", usdPerRequest: 0.0001 },
    oneOff: ZERO,
    upkeepUsdPerMonth: 0,
    retraining: { perYear: 0, usd: 0 },
    yearlyDiscount: 0,
    ...more,
  });
const outcome = (more: object): CaseOutcome => {
  const found = outcomeOf(medianCase(scenario(more)));
  if (isRefused(found)) throw new Error(found.reason);
  return found;
};
/** A request that saves exactly this much a month at 1,000 a day. */
const saving = (usdPerMonth: number): object => ({
  baseline: { kind: "request", usdPerRequest: (usdPerMonth * 12) / 365_000 },
  candidate: { kind: "request", usdPerRequest: 0 },
});

describe("the tool must be able to say no (M3)", () => {
  const once = { ...ZERO, engineeringUsd: 275_000 };

  it("A: $275,000 for $4,500 a month is 61 months: not within 24, and at a loss by then", () => {
    const it = outcome({ ...saving(4500), oneOff: once });
    expect(it.breakEven).toMatchObject({ withinHorizon: false });
    expect(it.breakEven === "never" ? 0 : it.breakEven.months).toBeCloseTo(61.11, 2);
    expect(it.returnOnInvestment24).toBeCloseTo((24 * 4500 - 275_000) / 275_000, 9);
    expect(it.netPresentValue24Usd).toBeCloseTo(24 * 4500 - 275_000, 6);
  });

  it("A: two servers at $2/h leave 132 months of the claimed 61; four never pay", () => {
    const hosted = (servers: number): object => ({
      tokensPerRequest: { input: 100, output: 20 },
      ...saving(5000),
      candidate: { kind: "hosted", usdPerHour: 2, tokensPerSecond: 1500, utilisation: 0.4, servers },
      oneOff: once,
    });
    const two = outcome(hosted(2));
    expect(two.candidateUsdPerMonth).toBeCloseTo(2920, 6);
    expect(two.breakEven === "never" ? 0 : two.breakEven.months).toBeCloseTo(132.2, 1);
    expect(outcome(hosted(4)).breakEven).toBe("never");
  });

  it("U: 116 h at $100 with $8,000 a year of upkeep pays at $1,667 a month and not at $600", () => {
    const costs = { oneOff: { ...ZERO, engineeringUsd: 11_600 }, upkeepUsdPerMonth: 8000 / 12 };
    expect(outcome({ ...saving(8000 / 12 + 1000), ...costs }).breakEven).toEqual({
      months: expect.closeTo(11.6, 9) as number,
      withinHorizon: true,
    });
    expect(outcome({ ...saving(600), ...costs }).breakEven).toBe("never");
  });
});

describe("projection (M2)", () => {
  it("F: 50 agents × 1,000 requests a day at $0.05 are $76,041.67 a month, at $0.0001 $152.08", () => {
    const it = outcome({ requestsPerDay: 50_000 });
    expect(it.baselineUsdPerMonth).toBeCloseTo(76_041.67, 2);
    expect(it.candidateUsdPerMonth).toBeCloseTo(152.08, 2);
  });

  it("grows volume, cuts API prices, pays for retraining and counts what failures cost", () => {
    const it = outcome({ growthPerYear: 1, apiPriceCutPerYear: 0.5, ...saving(100) });
    // Twice the requests at half the price: every month saves the same.
    expect(it.netPresentValue24Usd).toBeCloseTo(2400, 6);
    expect(outcome({ ...saving(100), retraining: { perYear: 4, usd: 300 } }).savingUsdPerMonth).toBeCloseTo(
      0,
      9,
    );
    const repaired = outcome({
      baseline: { kind: "request", usdPerRequest: 0.01, success: 0.9 },
      candidate: { kind: "request", usdPerRequest: 0.003, success: 0.7 },
      reworkUsd: 0.04,
    });
    expect(repaired.candidateUsdPerMonth / repaired.baselineUsdPerMonth).toBeCloseTo(0.015 / 0.014, 9);
    expect(repaired.breakEven).toEqual({ months: 0, withinHorizon: true });
  });

  it("counts cached tokens once, and refuses a cache without a price", () => {
    const api = (usdPerMillion: object): object => ({
      tokensPerRequest: { input: 1000, output: 100 },
      baseline: { kind: "api", usdPerMillion, cacheHitShare: 0.4 },
    });
    const usd = outcome(api({ input: 2, cachedRead: 0.5, output: 10 })).baselineUsdPerMonth;
    expect(usd).toBeCloseTo(((600 * 2 + 400 * 0.5 + 100 * 10) / 1e6) * 1000 * (365 / 12), 9);
    expect(isRefused(outcomeOf(medianCase(scenario(api({ input: 2, output: 10 })))))).toBe(true);
  });

  it("switches from tokens to a server at 1,000 million tokens a month, and back where a second server is due", () => {
    const it = medianCase(
      scenario({
        tokensPerRequest: { input: 900, output: 100 },
        baseline: { kind: "api", usdPerMillion: { input: 0.5, output: 0.5 } },
        candidate: {
          kind: "hosted",
          usdPerHour: 500 / 730,
          tokensPerSecond: 1500,
          utilisation: 1_200_000_000 / (1500 * 3600 * 730),
        },
      }),
    );
    const points = switchPoints(it);
    expect(points.slice(0, 3).map(({ to }) => to)).toEqual(["candidate", "baseline", "candidate"]);
    expect(points.slice(0, 3).map(({ tokensPerMonth }) => (tokensPerMonth ?? 0) / 1e6)).toEqual([
      expect.closeTo(1000, 3),
      expect.closeTo(1200, 3),
      expect.closeTo(2000, 3),
    ]);
    expect(optionCosts(it).map(({ name }) => name)).toEqual(["baseline", "candidate"]);
  });

  it("finds the volume and the price at which the answer flips", () => {
    const it = { ...saving(100), oneOff: { ...ZERO, trainingUsd: 1200 } };
    const points = flipPoints(medianCase(scenario(it)));
    // 24 × 100 f = 1200 at half the volume, or half the price.
    expect(points.find(({ what }) => what === "requestsPerDay")).toMatchObject({
      factor: expect.closeTo(0.5, 6) as number,
      value: expect.closeTo(500, 3) as number,
    });
    expect(points.find(({ what }) => what === "baselinePrice")?.factor).toBeCloseTo(0.5, 6);
    expect(points.find(({ what }) => what === "candidatePrice")?.factor).toBe("never");
  });

  it("never pays later when more is saved", () => {
    const usd = fc.double({ min: 0, max: 1e5, noNaN: true });
    const months = (perMonth: number, once: number): number => {
      const found = outcome({ ...saving(perMonth), oneOff: { ...ZERO, trainingUsd: once } }).breakEven;
      return found === "never" ? Infinity : found.months;
    };
    fc.assert(
      fc.property(usd, usd, usd, (a, b, once) => {
        expect(months(Math.max(a, b), once)).toBeLessThanOrEqual(months(Math.min(a, b), once) + 1e-9);
      }),
      { numRuns: 60 },
    );
  });
});

describe("uncertain numbers", () => {
  it("has PERT's mean and the lognormal's two declared quantiles", () => {
    const pert = { low: 2, likely: 5, high: 14 };
    const at = quantileTable(pert);
    const mean =
      Array.from({ length: 20_000 }, (_, i) => at((i + 0.5) / 20_000)).reduce((a, b) => a + b) / 20_000;
    expect(mean).toBeCloseTo((2 + 4 * 5 + 14) / 6, 2);
    expect(quantileOf({ low: 0, likely: 1, high: 2 }, 0.5)).toBeCloseTo(1, 12);
    expect(quantileOf({ p10: 3, p90: 70 }, 0.1)).toBeCloseTo(3, 12);
    expect(quantileOf({ p10: 3, p90: 70 }, 0.9)).toBeCloseTo(70, 10);
  });

  const wide = {
    ...saving(1000),
    requestsPerDay: { low: 500, likely: 1000, high: 1500 },
    oneOff: { ...ZERO, engineeringUsd: { low: 4000, likely: 6000, high: 14_000 } },
    upkeepUsdPerMonth: { p10: 50, p90: 400 },
    draws: 4000,
  };
  const run = (more: object) => {
    const found = simulate(scenario({ ...wide, ...more }));
    if (isRefused(found)) throw new Error(found.reason);
    return found;
  };

  it("gives the same bits for a seed, other ones for another, and shares that fit the bands", () => {
    const first = run({});
    expect(run({})).toEqual(first);
    expect(run({ seed: 8 }).netPresentValueUsd).not.toEqual(first.netPresentValueUsd);
    expect(first.paysWithin6Months).toBeLessThan(first.paysWithinHorizon);
    expect(first.savesMoney).toBeGreaterThan(0.97);
    expect(first.tornado.map(({ input }) => input)).toContain("oneOff.engineeringUsd");
    const median = outcomeOf(medianCase(scenario(wide)));
    expect(first.netPresentValueUsd.p5).toBeLessThan((median as CaseOutcome).netPresentValueUsd);
    expect(first.netPresentValueUsd.p95).toBeGreaterThan((median as CaseOutcome).netPresentValueUsd);
  });

  it("gives the analytic share: P(saving > 0) of a lognormal upkeep against a fixed saving", () => {
    // ln(upkeep) is normal with mean ln(√(50·800)) = ln 200: a saving of 200 covers it in half of the draws.
    const found = run({
      requestsPerDay: 1000,
      ...saving(200),
      upkeepUsdPerMonth: { p10: 50, p90: 800 },
      draws: 10_000,
    });
    expect(Math.abs(found.savesMoney - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / 10_000));
  });

  it("keeps declared correlations, and refuses impossible ones", () => {
    // Upkeep that rises with volume narrows the saving; one that falls with it widens it.
    const spread = (rho: number): number => {
      const { p5, p95 } = run({
        correlations: [{ between: ["requestsPerDay", "upkeepUsdPerMonth"], rho }],
      }).savingUsdPerMonth;
      return p95 - p5;
    };
    expect(spread(0.9)).toBeLessThan(spread(-0.9) * 0.8);
    const bad = { between: ["requestsPerDay", "horizonMonths"], rho: 0.5 };
    expect(isRefused(simulate(scenario({ ...wide, correlations: [bad] })))).toBe(true);
    const pair = (a: string, b: string, rho: number): object => ({ between: [a, b], rho });
    const contradiction = [
      pair("requestsPerDay", "upkeepUsdPerMonth", 0.9),
      pair("upkeepUsdPerMonth", "oneOff.engineeringUsd", 0.9),
      pair("requestsPerDay", "oneOff.engineeringUsd", -0.9),
    ];
    expect(isRefused(simulate(scenario({ ...wide, correlations: contradiction })))).toBe(true);
  });
});

it("asks for every one-off, and refuses ranges the wrong way round", () => {
  const parse = (more: object): boolean => Scenario.safeParse({ ...scenario({}), ...more }).success;
  expect(parse({})).toBe(true);
  expect(parse({ oneOff: { trainingUsd: 1 } })).toBe(false);
  expect(parse({ requestsPerDay: { low: 5, likely: 3, high: 9 } })).toBe(false);
  expect(parse({ apiPriceCutPerYear: 1.5 })).toBe(false);
  expect(parse({ requestsPerDay: -1 })).toBe(false);
});
