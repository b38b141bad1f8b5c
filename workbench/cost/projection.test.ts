import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PriceRow } from "../schema/price.ts";
import { isRefused } from "../stats/refused.ts";
import { oddPrices } from "./odd-prices.ts";
import { allInUsdPerTask, breakEvenRequests, usdPerSuccess } from "./per-task.ts";
import { priceFor, priceTable, requestCost } from "./price.ts";
import {
  breakEvenMonths,
  monthlyUsd,
  netPresentValueUsd,
  oneOffUsd,
  returnOnInvestment,
} from "./projection.ts";
import { selfHostedUsdPerMillion, serversUsdPerMonth, switchPointRequests } from "./self-hosting.ts";

const row = (input: number, more: object = {}): PriceRow =>
  PriceRow.parse({
    model: "vendor/large",
    usdPerMillion: { input, output: input },
    effectiveFrom: "2026-01-01",
    source: "test",
    retrievedAt: "2026-01-01",
    ...more,
  });
const plain = { monthlyUpkeepUsd: 0, yearlyDiscount: 0.1 };

describe("worked values", () => {
  it("prices one's own hosts by what they deliver", () => {
    expect(selfHostedUsdPerMillion({ usdPerHour: 2, tokensPerSecond: 1500, utilisation: 1 })).toBeCloseTo(
      0.3704,
      4,
    );
    expect(selfHostedUsdPerMillion({ usdPerHour: 2, tokensPerSecond: 1500, utilisation: 0.4 })).toBeCloseTo(
      0.9259,
      4,
    );
    expect(isRefused(selfHostedUsdPerMillion({ usdPerHour: 2, tokensPerSecond: 1500, utilisation: 0 }))).toBe(
      true,
    );
  });

  it("shows a model that is cheaper per success and dearer all-in", () => {
    const large = { picoUsd: 10_000_000_000_000n, requests: 1000, successes: 900 };
    const small = { picoUsd: 3_000_000_000_000n, requests: 1000, successes: 700 };
    expect((usdPerSuccess(large) as number) / (usdPerSuccess(small) as number)).toBeCloseTo(2.6, 1);
    expect(allInUsdPerTask(large, 0.04)).toBeCloseTo(0.014, 12);
    expect(allInUsdPerTask(small, 0.04)).toBeCloseTo(0.015, 12);
    expect(isRefused(usdPerSuccess({ ...small, successes: 0 }))).toBe(true);
  });

  it("can say never", () => {
    expect(breakEvenRequests(18.4, 0.00318)).toBe(5787);
    expect(breakEvenRequests(18.4, 0)).toBe("never");
    expect(breakEvenMonths({ ...plain, oneOffUsd: 100, monthlySavingUsd: 5, monthlyUpkeepUsd: 5 })).toBe(
      "never",
    );
    expect(switchPointRequests(500, 0)).toBe("never");
  });

  it("discounts each month", () => {
    const it = { ...plain, oneOffUsd: 1000, monthlySavingUsd: 100 };
    expect(netPresentValueUsd({ ...it, yearlyDiscount: 0 }, 12)).toBe(200);
    // The closed form of the same annuity.
    const v = 1.1 ** (-1 / 12);
    expect(netPresentValueUsd(it, 12)).toBeCloseTo((100 * v * (1 - 1 / 1.1)) / (1 - v) - 1000, 9);
    expect(returnOnInvestment(it, 12)).toBeCloseTo(0.2, 12);
    expect(returnOnInvestment({ ...it, oneOffUsd: 0 }, 12)).toBeNull();
  });
});

describe("slips of the source designs", () => {
  it("A: $3 per million is $3 per million, not a thousandth of it", () => {
    const cost = requestCost(row(3), { uncachedInput: 1_000_000, cachedRead: 0, cacheWrite: 0, output: 0 });
    expect(cost?.usd).toBe(3);
  });

  it("A: a local request costs its share of a measured rate, not 1/100 of a second of CPU", () => {
    // $0.05/h at one request a second and full use is $0.0000139, a hundred times the claimed figure.
    const perRequest = 0.05 / 3600 / 1;
    expect(perRequest / (0.05 / 3600 / 100)).toBeCloseTo(100, 9);
    expect(selfHostedUsdPerMillion({ usdPerHour: 0.05, tokensPerSecond: 100, utilisation: 0.1 })).toBeCloseTo(
      1.3889,
      4,
    );
  });

  it("A: two servers at $2/h eat the saving: 132 months; four never pay", () => {
    expect(serversUsdPerMonth(2, 2)).toBeCloseTo(2920, 6);
    const saving = 5000;
    const months = breakEvenMonths({
      ...plain,
      oneOffUsd: 275_000,
      monthlySavingUsd: saving,
      monthlyUpkeepUsd: serversUsdPerMonth(2, 2),
    });
    expect(months).toBeCloseTo(132, 0);
    expect(breakEvenMonths({ ...plain, oneOffUsd: 275_000, monthlySavingUsd: 4500 })).toBeCloseTo(61.1, 1);
    const four = {
      ...plain,
      oneOffUsd: 275_000,
      monthlySavingUsd: saving,
      monthlyUpkeepUsd: serversUsdPerMonth(4, 2),
    };
    expect(breakEvenMonths(four)).toBe("never");
  });

  it("F: $2,500 a day is $76,042 a month, and an amount carries its period", () => {
    expect(monthlyUsd(50 * 1000, 0.05)).toBeCloseTo(76_041.67, 2);
    expect(monthlyUsd(50 * 1000, 0.05) / (365 / 12)).toBeCloseTo(2500, 9);
  });

  it("F: one price row per model and date serves both sides; one-offs cannot be left out", () => {
    const table = priceTable([row(5)]);
    const at = "2026-05-01";
    expect(priceFor(table, { model: "vendor/large", at })).toBe(
      priceFor(table, { model: "vendor/large", at }),
    );
    const once = oneOffUsd({ trainingUsd: 40, labellingUsd: 500, evaluationUsd: 60, engineeringUsd: 11_600 });
    expect(breakEvenMonths({ ...plain, oneOffUsd: once, monthlySavingUsd: 1220 })).toBeCloseTo(10, 9);
  });

  it("U: 20 hours a quarter at $100 are $8,000 a year, and they enter the net present value", () => {
    const upkeep = (20 * 4 * 100) / 12;
    expect(upkeep * 12).toBeCloseTo(8000, 9);
    const it = { oneOffUsd: 11_600, monthlySavingUsd: 1000, yearlyDiscount: 0 };
    const without = netPresentValueUsd({ ...it, monthlyUpkeepUsd: 0 }, 12);
    expect(without - netPresentValueUsd({ ...it, monthlyUpkeepUsd: upkeep }, 12)).toBeCloseTo(8000, 6);
  });

  it("compares by tokens per arm, not by request count", () => {
    const cost = (output: number): number =>
      requestCost(row(10), { uncachedInput: 100, cachedRead: 0, cacheWrite: 0, output })?.usd ?? 0;
    expect(cost(400) / cost(100)).toBe(2.5);
  });

  it("85 to 95 % success is two thirds fewer failures, not 10 %", () => {
    expect((0.15 - 0.05) / 0.15).toBeCloseTo(2 / 3, 12);
    const all = (successes: number): number =>
      allInUsdPerTask({ picoUsd: 0n, requests: 100, successes }, 3) as number;
    expect(all(95) / all(85)).toBeCloseTo(1 / 3, 12);
  });
});

it("never earns back sooner when less is saved", () => {
  const usd = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(usd, usd, usd, (oneOff, a, b) => {
      const months = (saving: number): number => {
        const found = breakEvenMonths({ ...plain, oneOffUsd: oneOff, monthlySavingUsd: saving });
        return found === "never" ? Infinity : found;
      };
      expect(months(Math.min(a, b))).toBeGreaterThanOrEqual(months(Math.max(a, b)));
    }),
  );
});

it("questions a price 100 times off its table's median", () => {
  const rows = [row(1), row(2), row(3), row(0.003), row(500)];
  expect(oddPrices(rows).map((one) => one.usdPerMillion.input)).toEqual([0.003, 500]);
  expect(oddPrices([row(1), row(500)])).toEqual([]);
});
