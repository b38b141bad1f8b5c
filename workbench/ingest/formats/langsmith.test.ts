import { expect, test } from "vitest";
import type { JsonRecord } from "../parse.ts";
import { read, samplesOf } from "./testing/read.ts";

// Records written after langchain-ai/langsmith-sdk: python/langsmith/schemas.py and wrappers/, and LangChain's dumps.

const told = samplesOf("langsmith-runs-2026.jsonl").map(read);
const [chain, responses, bulk, tool] = told.map(({ rows }) => rows[0]);
const said = samplesOf("langsmith-feedback.jsonl").map(read);

test("every member of a run and of feedback is known", () => {
  expect(new Set(told.map(({ format }) => format))).toEqual(new Set(["langsmith"]));
  expect(new Set(said.map(({ format }) => format))).toEqual(new Set(["langsmith-feedback"]));
  expect(
    [...told, ...said].flatMap(({ lossy }) => lossy.filter((line) => line.includes("not declared"))),
  ).toEqual([]);
});

test("LangChain's messages: calls, answers and thoughts; what the model was called with are its parameters", () => {
  expect(chain).toMatchObject({
    system: "Be brief.",
    output: [{ content: "It left on Friday.", finish_reason: "stop" }],
    tools_used: [{ name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday" }],
    params: { temperature: 0.2 },
    tools: [{ type: "function", function: { name: "find_parcel" } }],
    cached_tokens: 40,
    reasoning_tokens: 5,
    ttft_ms: 500,
    latency_ms: 1250,
    cost_usd: 0.00003,
    conversation_id: "conv_77",
  });
  expect(chain?.user_key).toMatch(/^\[USER:/);
});

test("a wrapped client of the Responses API: items are turns, details of usage come from the output", () => {
  expect(responses).toMatchObject({
    system: "Be brief.",
    model_requested: "gpt-5-mini",
    model_served: "gpt-5-mini-2025-08-07",
    messages: [{ role: "user", content: "Where is parcel P42?" }],
    output: [{ content: "It left on Friday." }],
    cached_tokens: 12,
    reasoning_tokens: 3,
    extra: { outputs: { id: "resp_1" } },
  });
});

test("a row of a bulk export, whose members are JSON text, of an Anthropic call that is still open", () => {
  expect(bulk).toMatchObject({
    status: "cut",
    params: { max_tokens: 256 },
    provider: "anthropic",
    output: [
      {
        content: "Looking.",
        tool_calls: [{ name: "find_parcel", arguments: { parcel_id: "P42" } }],
        finish_reason: "tool_use",
      },
    ],
    // What came from the cache is part of the input.
    input_tokens: 61,
    cached_tokens: 40,
    output_tokens: 17,
    tags: ["prod"],
  });
});

test("a tool's run: what it was given and gave; times in milliseconds as the JavaScript SDK writes them", () => {
  expect(tool).toMatchObject({
    kind: "tool",
    status: "error",
    error: { message: "KeyError('P42')" },
    started_at: "2025-11-20T00:00:00.250000Z",
    latency_ms: 500,
    conversation_id: "conv_78",
    tools_used: [{ name: "find_parcel", arguments: { parcel_id: "P42" }, success: false }],
  });
});

test("a run whose inputs lie elsewhere is refused, never fetched", () => {
  const [record] = samplesOf("langsmith-runs-2026.jsonl") as [JsonRecord];
  expect(() =>
    read({ ...record, inputs: {}, inputs_s3_urls: { ROOT: { presigned_url: "https://example.org" } } }),
  ).toThrow(/not in the record/);
});

test("single feedback: a score, a word, a correction, a thumb", () => {
  const signals = said.map(({ feedback }) => feedback[0]);
  expect(signals.map((one) => [one?.kind, one?.value, one?.raw, one?.explicit])).toEqual([
    ["score", 1, 1, true],
    ["score", null, "friendly", false],
    ["correction", -0.5, null, true],
    ["score", -1, false, true],
  ]);
  expect(signals[2]).toMatchObject({
    corrected_text: '{"output":"It left on Thursday."}',
    label: "correction",
  });
  expect(signals[0]?.rater).toMatch(/^\[USER:/);
});
