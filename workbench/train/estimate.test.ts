import { expect, test } from "vitest";
import type { RecipeLock, TokenCounts } from "../schema/recipe-lock.ts";
import type { BaseShape } from "./base.ts";
import type { EstimateInput } from "./estimate.ts";
import { adapterParameters, estimate, matmulParameters } from "./estimate.ts";

const LLAMA: BaseShape = {
  layers: 32,
  hidden: 4096,
  heads: 32,
  kvHeads: 8,
  headSize: 128,
  intermediate: 14_336,
  vocabulary: 128_256,
  dtype: "bf16",
  architecture: "LlamaForCausalLM",
};

const counts = (rows: number, length: number): TokenCounts => ({
  rows,
  total: rows * length,
  supervised: rows * 100,
  overlength: 0,
  longest: length,
  longestPrompt: 10,
  squares: rows * length ** 2,
});

function lockOf(change: Readonly<Record<string, unknown>> = {}, method = "sft"): RecipeLock {
  const effective = {
    "optim.epochs": 1,
    "optim.batch": 8,
    "adapter.type": "lora",
    "adapter.r": 16,
    "adapter.dropout": 0,
    "adapter.targets": "all-linear",
    "base.dtype": "bf16",
    ...change,
  };
  return { method, effective, tokens: { splits: { train: counts(1000, 2048) } } } as unknown as RecipeLock;
}

const input = (change: Partial<EstimateInput> = {}): EstimateInput => ({
  lock: lockOf(),
  steps: 125,
  shape: LLAMA,
  threads: 1,
  gpus: 1,
  tflops: 790,
  pastRates: [],
  usdPerHour: null,
  ...change,
});

test("parameters of an 8B model: 6.98e9 in the body, 0.53e9 in the head", () => {
  expect(matmulParameters(LLAMA)).toBeCloseTo(6_979_321_856 + 525_336_576, -1);
  expect(adapterParameters(lockOf({ "adapter.targets": "attention" }), LLAMA)).toBe(13_631_488);
  expect(adapterParameters(lockOf(), LLAMA)).toBe(41_943_040);
});

test("FLOP per token is 4N + 6LdT̄ for LoRA, 6N + 6LdT̄ for full tuning, plus a reference pass for DPO", () => {
  const [n, attention] = [matmulParameters(LLAMA), 6 * 32 * 4096 * 2048];
  const perToken = (lock: RecipeLock): number => (estimate(input({ lock })).flop ?? 0) / (1000 * 2048);
  expect(perToken(lockOf())).toBeCloseTo(4 * n + attention, -3);
  expect(perToken(lockOf({ "adapter.type": "full" }))).toBeCloseTo(6 * n + attention, -3);
  expect(perToken(lockOf({}, "dpo"))).toBeCloseTo(1.5 * (4 * n + attention), -3);
  expect(perToken(lockOf({ "optim.epochs": 3 }))).toBeCloseTo(3 * (4 * n + attention), -3);
});

test("time and cost are intervals; without a price the cost is blank, without a shape the time is", () => {
  const plain = estimate(input());
  expect(plain.costUsd).toBeNull();
  expect(plain.seconds?.high).toBeCloseTo((plain.seconds?.value ?? 0) * 1.3, 6);
  expect(plain.rate).toEqual({ source: "stated", runs: 0 });
  const priced = estimate(input({ usdPerHour: 3.6 }));
  expect(priced.costUsd?.value).toBeCloseTo((plain.seconds?.value ?? 0) / 1000, 9);
  const blind = estimate(input({ shape: null }));
  expect([blind.flop, blind.seconds, blind.memoryBytes]).toEqual([null, null, null]);
});

test("finished runs on the host replace the stated rate; from eight on they give the interval", () => {
  const few = estimate(input({ pastRates: [1000, 2000, 3000] }));
  expect(few.seconds?.value).toBeCloseTo(2_048_000 / 2000, 6);
  expect(few.rate).toEqual({ source: "measured", runs: 3 });
  const many = estimate(input({ pastRates: [100, 110, 120, 130, 140, 150, 160, 170, 180] }));
  expect(many.seconds?.low).toBeCloseTo(2_048_000 / 170, 6);
  expect(many.seconds?.high).toBeCloseTo(2_048_000 / 100, 6);
});

test("memory of the worked example: 8B, all-linear LoRA, 16 384 tokens, about 98 GB", () => {
  const memory = estimate(input()).memoryBytes?.value ?? 0;
  expect(memory / 1e9).toBeGreaterThan(95);
  expect(memory / 1e9).toBeLessThan(101);
});
