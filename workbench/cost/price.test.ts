import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PriceFile, PriceRow } from "../schema/price.ts";
import {
  picoOf,
  priceFor,
  priceNameOf,
  priceTable,
  requestCost,
  tokenCounts,
  unpricedReason,
  usdOf,
} from "./price.ts";

const row = (more: object = {}): PriceRow =>
  PriceRow.parse({
    model: "acme/small",
    usdPerMillion: { input: 2.5, cachedRead: 1.25, cacheWrite: 0, output: 10 },
    effectiveFrom: "2026-01-01",
    source: "test",
    retrievedAt: "2026-01-01",
    ...more,
  });

describe("priceFor", () => {
  const table = priceTable([
    row({ effectiveTo: "2026-06-01" }),
    row({ effectiveFrom: "2026-06-01", usdPerMillion: { input: 1, output: 4 } }),
    row({ tier: "batch", usdPerMillion: { input: 0.5, output: 2 } }),
  ]);

  it("takes the row in force on the request's own UTC day and tier", () => {
    expect(priceFor(table, { model: "acme/small", at: "2026-05-31T23:59:59Z" })?.usdPerMillion.input).toBe(
      2.5,
    );
    expect(priceFor(table, { model: "acme/small", at: "2026-06-01T00:00:00Z" })?.usdPerMillion.input).toBe(1);
    expect(
      priceFor(table, { model: "acme/small", at: "2026-06-01T01:00:00+02:00" })?.usdPerMillion.input,
    ).toBe(2.5);
    expect(
      priceFor(table, { model: "acme/small", tier: "batch", at: "2026-06-02" })?.usdPerMillion.input,
    ).toBe(0.5);
  });

  it("knows nothing of other models, tiers and earlier days", () => {
    expect(priceFor(table, { model: "acme/large", at: "2026-06-02" })).toBeNull();
    expect(priceFor(table, { model: "acme/small", tier: "flex", at: "2026-06-02" })).toBeNull();
    expect(priceFor(table, { model: "acme/small", at: "2025-12-31" })).toBeNull();
  });

  it("lets a later file override an earlier one", () => {
    const both = priceTable([row(), row({ usdPerMillion: { input: 9, output: 9 } })]);
    expect(priceFor(both, { model: "acme/small", at: "2026-02-01" })?.usdPerMillion.input).toBe(9);
  });
});

describe("requestCost", () => {
  it("prices the worked value", () => {
    const cost = requestCost(row(), { uncachedInput: 1000, cachedRead: 0, cacheWrite: 0, output: 200 });
    expect(cost?.usd).toBe(0.0045);
    expect(cost?.picoUsd).toBe(4_500_000_000n);
  });

  it("keeps cached tokens inside the prompt apart, once", () => {
    const counts = tokenCounts({ inputTokens: 100, cachedTokens: 40, outputTokens: 7 });
    expect(counts).toEqual({ uncachedInput: 60, cachedRead: 40, cacheWrite: 0, output: 7 });
    expect(tokenCounts({ inputTokens: 10, cachedTokens: 11, outputTokens: 1 })).toBeNull();
  });

  it("is null, never 0, when price, count or rate is unknown", () => {
    const counts = { uncachedInput: 10, cachedRead: 5, cacheWrite: 0, output: 1 };
    expect(requestCost(null, counts)).toBeNull();
    expect(requestCost(row(), { ...counts, output: null })).toBeNull();
    const blank = row({ usdPerMillion: { input: 1, output: 4 } });
    expect(requestCost(blank, counts)).toBeNull();
    expect(unpricedReason(blank, counts)).toBe("the price row leaves cachedRead blank");
    expect(requestCost(blank, { ...counts, cachedRead: 0 })?.usd).toBe(0.000014);
  });

  it("uses long-context rates above their threshold, all input counted", () => {
    const long = row({
      longContext: { aboveInputTokens: 100, usdPerMillion: { input: 5, cachedRead: 5, output: 20 } },
    });
    const at = (uncachedInput: number): bigint | undefined =>
      requestCost(long, { uncachedInput, cachedRead: 1, cacheWrite: 0, output: 0 })?.picoUsd;
    expect(at(99)).toBe(99n * 2_500_000n + 1_250_000n);
    expect(at(100)).toBe(101n * 5_000_000n);
  });

  it("has parts that add up to the total exactly, over any list of requests", () => {
    const rate = fc.integer({ min: 0, max: 200_000_000 }).map((micro) => micro / 1e6);
    const count = fc.integer({ min: 0, max: 2_000_000 });
    const usage = fc.record({ uncachedInput: count, cachedRead: count, cacheWrite: count, output: count });
    const rates = fc.record({ input: rate, cachedRead: rate, cacheWrite: rate, output: rate });
    fc.assert(
      fc.property(rates, fc.array(usage, { maxLength: 30 }), (usdPerMillion, usages) => {
        const price = row({ usdPerMillion });
        const costs = usages.map((one) => requestCost(price, one)!);
        const total = costs.reduce((sum, cost) => sum + cost.picoUsd, 0n);
        const columns = (["uncachedInput", "cachedRead", "cacheWrite", "output"] as const).map((name) =>
          costs.reduce((sum, cost) => sum + cost.parts[name], 0n),
        );
        expect(columns.reduce((sum, column) => sum + column, 0n)).toBe(total);
        for (const cost of costs) if (cost.usd < 2000) expect(picoOf(cost.usd)).toBe(cost.picoUsd);
      }),
    );
  });

  it("turns USD and pico-USD into each other", () => {
    expect(usdOf(picoOf(0.1))).toBe(0.1);
  });
});

it("refuses a rate finer than a pico-USD a token, a negative one and an unknown currency", () => {
  const file = (more: object): unknown => ({
    schema: "workbench/prices@1",
    rows: [{ ...row(), ...more }],
  });
  expect(PriceFile.safeParse(file({})).success).toBe(true);
  expect(PriceFile.safeParse(file({ usdPerMillion: { input: 0.0000001 } })).success).toBe(false);
  expect(PriceFile.safeParse(file({ usdPerMillion: { input: -1 } })).success).toBe(false);
  expect(PriceFile.safeParse(file({ currency: "EUR" })).success).toBe(false);
});

it("finds the row that a log means, and guesses nothing", () => {
  const table = priceTable([
    row({ model: "openai/gpt-4o" }),
    row({ model: "openai/gpt-4o-mini" }),
    row({ model: "azure/gpt-4o-mini" }),
  ]);
  const found = (provider: string | null, model: string): string | null =>
    priceNameOf(table, { provider, model });
  expect(found("openai", "gpt-4o")).toBe("openai/gpt-4o");
  expect(found("openai", "gpt-4o-2024-08-06")).toBe("openai/gpt-4o");
  expect(found(null, "gpt-4o")).toBe("openai/gpt-4o");
  expect(found(null, "openai/gpt-4o")).toBe("openai/gpt-4o");
  // Two providers sell it: the log must say which.
  expect(found(null, "gpt-4o-mini")).toBeNull();
  expect(found("azure", "gpt-4o-mini-2024-07-18")).toBe("azure/gpt-4o-mini");
  expect(found("azure", "gpt-4o")).toBeNull();
  expect(found(null, "gpt-4o-audio")).toBeNull();
});
