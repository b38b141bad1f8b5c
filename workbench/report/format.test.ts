import { expect, test } from "vitest";
import { armName } from "./arm-name.ts";
import { difference, interval, level, moment, percent, unitOf, usd } from "./format.ts";
import { metricName } from "./metric-name.ts";

test("what was not measured is said, never 0", () => {
  expect(level(null, "share")).toBe("not measured");
  expect(difference(null, "ms")).toBe("not measured");
  expect(usd(null)).toBe("not measured");
});

test("shares are in per cent, their differences in points, with a true minus", () => {
  expect(level(0.8742, "share")).toBe("87.4 %");
  expect(difference(-0.14, "share")).toBe("−14.0 points");
  expect(interval(-0.175, -0.105, "share")).toBe("[−17.5, −10.5]");
  expect(interval(0.1, null, "share")).toBe("[+10.0, +∞]");
});

test("small sums of money keep the digits that matter", () => {
  expect(usd(1234.5)).toBe("$1\u00a0235");
  expect(usd(4.1)).toBe("$4.10");
  expect(usd(0.00000104)).toBe("$0.00000104");
  expect(usd(-0.5)).toBe("−$0.500");
});

test("an interval of money keeps the digits that matter", () => {
  expect(interval(-0.00000212, 0.0000104, "usd")).toBe("[−0.0000021, +0.0000104]");
});

test("rounding never shows minus nothing", () => {
  expect(difference(-0.0000001, "share")).toBe("0.0 points");
  expect(interval(-0.0000001, 0.02, "share")).toBe("[0.0, +2.0]");
  expect(level(-0.00001, "share")).toBe("0.0 %");
});

test("units follow the names of metrics", () => {
  expect(
    ["exact", "latencyMs.p95", "ttftMs.p50", "costUsd", "outputTokens", "perplexity"].map(unitOf),
  ).toEqual(["share", "ms", "ms", "usd", "tokens", "score"]);
  expect(moment("2026-11-20T14:02:11.000Z")).toBe("2026-11-20 14:02 UTC");
});

test("recorded answers are known by their arm, or by their file where the arm only says its role", () => {
  expect(armName({ arm: "candidate", model: "tiny-sft" })).toBe("tiny-sft");
  expect(armName({ arm: "6b_verification", model: "recorded:real-data:gsm8k/x.jsonl.gz" })).toBe(
    "6b_verification",
  );
  const model = "recorded:real-data:alpaca-eval/OpenHermes-2.5-Mistral-7B.annotations.json.gz";
  expect(armName({ arm: "candidate", model })).toBe("OpenHermes-2.5-Mistral-7B");
});

test("what the workbench measures has plain words; a suite's own scorer keeps its name", () => {
  expect(
    ["latencyMs.p95", "ttftMs.p50", "latencyMs.mean", "costUsd", "queue", "constructor"].map(metricName),
  ).toEqual([
    "latency, 95th percentile",
    "time to first token, median",
    "latency, mean",
    "cost of an answer",
    "queue",
    "constructor",
  ]);
  expect([0.95, 0.975].map(percent)).toEqual(["95 %", "97.5 %"]);
});
