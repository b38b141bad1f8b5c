import { expect, test } from "vitest";
import type { JsonRecord } from "../parse.ts";
import { usageOf } from "./langfuse-usage.ts";
import { read, samplesOf } from "./testing/read.ts";

// Records written after langfuse/langfuse: packages/shared/src/server/repositories and fern/apis/server/definition.

const files = [
  "langfuse-observations-2026.jsonl",
  "langfuse-api-observations.jsonl",
  "langfuse-traces.jsonl",
  "langfuse-api-scores.jsonl",
];
const [exported, called, traces, scores] = files.map((file) => samplesOf(file).map(read));

test("every member of an export is known", () => {
  const told = [exported, called, traces, scores].flatMap((some) => some ?? []);
  expect([...new Set(told.map(({ format }) => format))]).toEqual([
    "langfuse",
    "langfuse-traces",
    "langfuse-scores",
  ]);
  expect(told.flatMap(({ lossy }) => lossy.filter((line) => line.includes("not declared")))).toEqual([]);
});

test("the legacy export: cost, first token and latency are worked out, cached tokens belong to the input", () => {
  expect(exported?.[0]?.rows[0]).toMatchObject({
    system: "Be brief.",
    output: [{ content: "It left on Friday." }],
    reasoning: "The tool says so.",
    input_tokens: 61,
    cached_tokens: 40,
    output_tokens: 17,
    reasoning_tokens: 5,
    cost_usd: 0.00003,
    latency_ms: 1250,
    ttft_ms: 500,
    status: "ok",
    extra: { status_message: "slow" },
  });
});

test("an enriched export of few columns: the request, its tools and the call that answers it", () => {
  expect(exported?.[1]?.rows[0]).toMatchObject({
    system: "Be brief.",
    messages: [{ content: "Where is parcel P42?" }],
    tools: [{ type: "function", function: { name: "find_parcel", description: "Find a parcel" } }],
    output: [{ content: null, tool_calls: [{ name: "find_parcel", arguments: { parcel_id: "P42" } }] }],
    cost_usd: null,
    cost_source: null,
  });
});

test("the API's names: the same columns, Anthropic's parts, and no latency of a wrong unit", () => {
  const [chat, tool] = [called?.[0]?.rows[0], called?.[1]?.rows[0]];
  expect(chat).toMatchObject({
    kind: "llm",
    model_served: "claude-sonnet-4-5",
    input_tokens: 61,
    output_tokens: 17,
    cost_usd: 0.0003,
    latency_ms: 1250,
    ttft_ms: 500,
    output: [{ content: "It left on Friday.", finish_reason: "end_turn" }],
    tools_used: [{ name: "find_parcel", result: "left on Friday" }],
  });
  expect(tool).toMatchObject({
    kind: "tool",
    status: "error",
    error: { message: "no such depot" },
    // Pages export milliseconds where the API says seconds.
    latency_ms: 100,
    tools_used: [
      { name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday", success: false },
    ],
    tags: ["prod"],
  });
});

test("a trace is a link of the chain; what it holds are rows with its user and session", () => {
  expect(traces?.[0]?.rows[0]).toMatchObject({ kind: "chain", trace_id: "tr_2", conversation_id: "s_9" });
  const rows = traces?.[1]?.rows ?? [];
  expect(rows.map(({ kind, source_id, conversation_id }) => [kind, source_id, conversation_id])).toEqual([
    ["chain", "tr_3", "s_9"],
    ["llm", "obs_4", "s_9"],
  ]);
  expect(rows[1]?.user_key).toBe(rows[0]?.user_key);
  expect(traces?.[1]?.feedback).toMatchObject([
    { value: 0.5, label: "helpful", target: { trace_id: "tr_3" } },
  ]);
});

test("scores: a correction has its text, a category its name, a boolean its sign, five stars no value yet", () => {
  const said = scores?.map(({ feedback }) => feedback[0]) ?? [];
  expect(said.map((one) => [one?.kind, one?.value, one?.raw, one?.explicit])).toEqual([
    ["correction", -0.5, null, true],
    ["score", null, "friendly", false],
    ["score", -1, 0, true],
    ["score", null, 4, true],
  ]);
  expect(said[0]).toMatchObject({ corrected_text: "It left on Thursday.", target: { source_id: "obs_4" } });
});

test("input that is no chat is one message, not a refusal", () => {
  const [record] = samplesOf("langfuse-api-observations.jsonl") as [JsonRecord];
  const asked = (input: unknown): unknown => read({ ...record, type: "SPAN", input }).rows[0]?.messages;
  expect(asked(["P42", 3])).toMatchObject([{ role: "user", content: '["P42",3]', parts: ["P42", 3] }]);
  expect(asked([{ role: "human", content: "hi" }])).toMatchObject([{ role: "user", content: "hi" }]);
});

test("kinds of tokens that were counted twice are not added up", () => {
  const count = (usage_details: JsonRecord): unknown => usageOf({ usage_details }, () => undefined);
  expect(count({ input: 21, input_cached_tokens: 40, output: 17, total: 78 })).toMatchObject({
    input_tokens: 61,
    cached_tokens: 40,
  });
  expect(count({ input: 61, input_cached_tokens: 40, output: 17, total: 78 })).toMatchObject({
    input_tokens: 61,
    cached_tokens: 40,
  });
  expect(count({ input: 3, cache_read_input_tokens: 50, output: 2 })).toMatchObject({
    input_tokens: 53,
    cached_tokens: 50,
  });
  expect(count({})).toMatchObject({ input_tokens: null, output_tokens: null });
});
