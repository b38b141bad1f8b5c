import { expect, test } from "vitest";
import { read, samplesOf } from "./testing/read.ts";

// Records written after openai/openai-python: src/openai/types/responses, types/chat and the batch guide.

const [served, calls, failed, refused] = samplesOf("openai-responses-items.jsonl").map(
  (one) => read(one).rows[0],
);
const [stored, pair, sound] = samplesOf("openai-chat-2026.jsonl").map((one) => read(one).rows[0]);
const [bad, list, batched] = samplesOf("openai-batch-errors.jsonl").map((one) => read(one).rows[0]);

test("every member is known", () => {
  const files = ["openai-responses-items.jsonl", "openai-chat-2026.jsonl", "openai-batch-errors.jsonl"];
  const lossy = files.flatMap((file) => samplesOf(file).flatMap((record) => read(record).lossy));
  // Tokens that missed DeepSeek's cache are no column's.
  expect(lossy.filter((line) => line.includes("not declared"))).toEqual([]);
});

test("Responses: tools that the server ran are used tools with what came of them", () => {
  expect(served?.tools_used).toMatchObject([
    { name: "web_search_call", arguments: { query: "P42" }, success: true },
    { name: "file_search_call", arguments: ["P42"], result: [{ text: "P42 left" }], success: true },
    {
      name: "code_interpreter_call",
      arguments: "1/0",
      result: [{ logs: "ZeroDivisionError" }],
      success: false,
    },
    { name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday", success: true },
  ]);
  expect(served).toMatchObject({
    system: "Be brief.",
    reasoning: "Search, then ask the desk.",
    output: [{ content: "It left on Friday.", tool_calls: [], finish_reason: "completed" }],
    conversation_id: "conv_9",
    cached_tokens: 40,
    reasoning_tokens: 9,
    latency_ms: 3000,
  });
  expect(served?.user_key).toMatch(/^\[USER:/);
});

test("Responses: the model's items in a row are one turn, answers name their calls, what is no message is kept", () => {
  expect(calls?.messages.map(({ role, content, tool_call_id }) => [role, content, tool_call_id])).toEqual([
    ["user", "Query it.", null],
    ["assistant", null, null],
    ["tool", "1", "call_1"],
    ["tool", "left on Friday", "call_2"],
    ["assistant", null, null],
    ["user", null, null],
  ]);
  expect(calls?.messages[1]).toMatchObject({
    parts: null,
    tool_calls: [
      { id: "call_1", name: "sql", arguments: "select 1" },
      { id: "call_2", name: "find_parcel", arguments: { parcel_id: "P42" } },
    ],
  });
  expect(calls?.messages[4]?.parts).toEqual([{ type: "item_reference", id: "msg_1" }]);
  expect(calls?.messages[5]?.parts).toMatchObject({ approve: true });
  expect(calls?.output[0]?.tool_calls).toMatchObject([
    { id: "call_3", name: "computer_call", arguments: { type: "screenshot" } },
    { id: "call_4", name: "find_parcel" },
  ]);
  expect(calls).toMatchObject({ parent_id: "resp_2", status: "ok" });
});

test("Responses: failed, cut short and refused", () => {
  expect(failed).toMatchObject({
    status: "error",
    error: { code: "rate_limit_exceeded", message: "slow down" },
    system: "Be brief.",
    messages: [{ content: "Where is P42?" }],
    input_tokens: null,
  });
  expect(refused).toMatchObject({
    status: "cut",
    output: [{ content: "I will not say.", finish_reason: "max_output_tokens" }],
  });
});

test("Responses: a call that is over without an answer is no good one, and an unknown item is kept", () => {
  const [record] = samplesOf("openai-responses-items.jsonl");
  const now = (status: string): unknown => read({ ...record, status, output: [] }).rows[0]?.status;
  expect(["queued", "in_progress", "cancelled", "failed", "completed"].map(now)).toEqual([
    "cut",
    "cut",
    "cut",
    "error",
    "ok",
  ]);
  const news = { type: "shopping_call", id: "x", basket: ["P42"] };
  const { rows, lossy } = read({ ...record, output: [news] });
  expect(rows[0]?.output[0]?.parts).toEqual([news]);
  expect(lossy).toContain("output[].type: an item that is neither message nor call, kept in parts");
});

test("chat: a stored completion alone, thoughts of open models, old calls and sound", () => {
  expect(stored).toMatchObject({
    source_id: "chatcmpl-78",
    messages: [{ content: "How?" }],
    output: [{ content: "I will not say." }],
    metadata: { ticket: "T-7" },
    input_tokens: 61,
  });
  expect(pair).toMatchObject({
    reasoning: "The tool says so.",
    cached_tokens: 40,
    reasoning_tokens: 5,
    status: "cut",
    tools_used: [{ name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday" }],
  });
  expect(sound?.output[0]).toMatchObject({ content: "It left on Friday." });
  expect(sound?.extra).toMatchObject({ "response.choices[0].message.audio.data": "UklG" });
});

test("batch: the server's own error, embeddings, and a response", () => {
  expect(bad).toMatchObject({
    status: "error",
    error: { code: "invalid_value", message: "max_tokens is too large" },
  });
  expect(bad?.extra).toMatchObject({ "response.body.error.param": "max_tokens" });
  expect(list).toMatchObject({ kind: "retriever", status: "ok", input_tokens: 5 });
  expect(batched).toMatchObject({ trace_id: "row-0005", source_id: "resp_5", status: "cut" });
});
