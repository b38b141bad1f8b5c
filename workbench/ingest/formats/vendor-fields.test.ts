import { expect, test } from "vitest";
import type { JsonRecord } from "../parse.ts";
import { read, samplesOf } from "./testing/read.ts";

// Records written after the types that the vendors publish, for what the samples do not have.

const HELICONE: JsonRecord = {
  response_id: "r1",
  response_created_at: "2026-11-20T10:00:01Z",
  response_status: 200,
  response_model: "claude-sonnet-4",
  request_id: "q1",
  request_created_at: "2026-11-20T10:00:00Z",
  request_path: "/v1/messages",
  request_user_id: null,
  request_properties: {},
  request_model: "claude-sonnet-4",
  model_override: null,
  helicone_user: null,
  provider: "ANTHROPIC",
  delay_ms: 1000,
  time_to_first_token: null,
  total_tokens: 30,
  prompt_tokens: 20,
  prompt_cache_write_tokens: 0,
  prompt_cache_read_tokens: 12,
  completion_tokens: 10,
  prompt_id: null,
  feedback_created_at: "2026-11-20T11:00:00Z",
  feedback_id: "f1",
  feedback_rating: false,
  signed_body_url: null,
  llmSchema: null,
  country_code: "DE",
  asset_ids: null,
  asset_urls: null,
  scores: null,
  properties: {},
  assets: [],
  target_url: "https://api.anthropic.com",
  model: "claude-sonnet-4",
  request_body: {
    model: "claude-sonnet-4",
    system: [{ type: "text", text: "Be brief." }],
    messages: [{ role: "user", content: [{ type: "text", text: "Where is P42?" }] }],
    max_tokens: 100,
  },
  response_body: {
    role: "assistant",
    content: [
      { type: "text", text: "Looking." },
      { type: "tool_use", id: "t1", name: "find_parcel", input: { id: "P42" } },
    ],
    stop_reason: "tool_use",
  },
};

test("Helicone: an Anthropic body has its text, its call and its system prompt; cache and feedback have their columns", () => {
  const { rows, format, lossy } = read(HELICONE);
  expect(format).toBe("helicone");
  expect(rows[0]).toMatchObject({
    system: "Be brief.",
    cached_tokens: 12,
    output: [
      {
        content: "Looking.",
        tool_calls: [{ id: "t1", name: "find_parcel", arguments: { id: "P42" } }],
        finish_reason: "tool_use",
      },
    ],
    feedback: [{ kind: "thumb", value: -1, occurred_at: "2026-11-20T11:00:00.000000Z" }],
  });
  expect(lossy.filter((line) => line.includes("not declared"))).toEqual([]);
});

test("Helicone: a call that never ended is cut short, not well", () => {
  const { rows } = read({ ...HELICONE, response_status: -3, response_body: {} });
  expect(rows[0]).toMatchObject({ status: "cut", output: [] });
});

test("Ollama: a tool's answer keeps its tool_name, the model's thought is its reasoning", () => {
  const { rows, lossy } = read({
    request: {
      model: "qwen3",
      messages: [
        { role: "user", content: "Where is P42?" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ function: { index: 0, name: "find_parcel", arguments: { id: "P42" } } }],
        },
        { role: "tool", tool_name: "find_parcel", content: "left on Friday" },
      ],
      think: true,
    },
    response: {
      model: "qwen3",
      created_at: "2026-11-20T10:00:00.5Z",
      message: { role: "assistant", content: "On Friday.", thinking: "The tool says so." },
      done: true,
      done_reason: "stop",
      total_duration: 2_000_000_000,
      prompt_eval_count: 9,
      eval_count: 4,
    },
  });
  expect(rows[0]).toMatchObject({ reasoning: "The tool says so.", latency_ms: 2000 });
  expect(rows[0]?.messages[2]).toMatchObject({ role: "tool", name: "find_parcel" });
  expect(rows[0]?.tools_used).toMatchObject([{ name: "find_parcel", result: "left on Friday" }]);
  expect(lossy).toEqual([]);
});

test("Inspect: calls name their tool as text, errors and limits are the sample's status", () => {
  const sample = {
    id: 1,
    epoch: 1,
    input: [{ role: "user", content: "Where is P42?" }],
    target: "Friday",
    uuid: "s1",
    messages: [
      { role: "user", content: "Where is P42?" },
      {
        role: "assistant",
        content: [
          { type: "reasoning", reasoning: "I need the tool." },
          { type: "text", text: "Looking." },
        ],
        tool_calls: [{ id: "c1", function: "find_parcel", arguments: { id: "P42" }, type: "function" }],
      },
      { role: "tool", content: "left on Friday", tool_call_id: "c1", function: "find_parcel", error: null },
    ],
    output: {
      model: "m",
      choices: [{ message: { role: "assistant", content: "Friday." }, stop_reason: "stop" }],
      usage: {
        input_tokens: 9,
        output_tokens: 4,
        total_tokens: 13,
        input_tokens_cache_read: 5,
        reasoning_tokens: 2,
      },
      time: 1.5,
    },
    scores: { match: { value: "C", explanation: "same" } },
    error: null,
    limit: null,
  };
  const { rows, format } = read(sample);
  expect(format).toBe("inspect-samples");
  expect(rows[0]).toMatchObject({ status: "ok", cached_tokens: 5, reasoning_tokens: 2, latency_ms: 1500 });
  expect(rows[0]?.tools_used).toMatchObject([
    { name: "find_parcel", arguments: { id: "P42" }, result: "left on Friday" },
  ]);
  const failed = { ...sample, error: { message: "boom", traceback: "…", traceback_ansi: "…" } };
  expect(read(failed).rows[0]).toMatchObject({ status: "error", error: { message: "boom" } });
  expect(read({ ...sample, limit: { type: "token", limit: 10 } }).rows[0]).toMatchObject({ status: "cut" });
});

test("Braintrust: the cost it estimates is the logged cost; what its API adds to a span is kept", () => {
  const { rows, lossy } = read({
    id: "e1",
    _xact_id: "1",
    _pagination_key: "p1",
    created: "2026-11-20T10:00:00Z",
    org_id: "o",
    project_id: "p",
    log_id: "g",
    span_id: "s",
    root_span_id: "s",
    span_parents: null,
    is_root: true,
    span_attributes: { name: "chat", type: "llm" },
    input: [{ role: "user", content: "Hi" }],
    output: [{ message: { role: "assistant", content: "Hello!" }, finish_reason: "stop" }],
    metadata: { model: "m" },
    metrics: { start: 1, end: 2, prompt_tokens: 3, completion_tokens: 1, estimated_cost: 0.002 },
    comments: null,
    audit_data: null,
    facets: null,
    classifications: null,
  });
  expect(rows[0]).toMatchObject({ cost_usd: 0.002, cost_source: "logged" });
  expect(lossy).toEqual([]);
});

const span = (attributes: Readonly<Record<string, string>>): JsonRecord => ({
  resourceSpans: [
    {
      resource: { attributes: [] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: "0af7651916cd43dd8448eb211c80319c",
              spanId: "b7ad6b7169203331",
              name: "chat m",
              startTimeUnixNano: "1763596800000000000",
              endTimeUnixNano: "1763596801000000000",
              attributes: Object.entries({ "gen_ai.operation.name": "chat", ...attributes }).map(
                ([key, stringValue]) => ({ key, value: { stringValue } }),
              ),
            },
          ],
        },
      ],
    },
  ],
});

test("OpenTelemetry: every tool's answer is a message, the thought is the reasoning, no part is lost", () => {
  const input = [
    {
      role: "tool",
      parts: [
        { type: "tool_call_response", id: "c1", response: "Friday" },
        { type: "tool_call_response", id: "c2", response: { carrier: "post" } },
        { type: "text", content: "both asked at once" },
      ],
    },
    { role: "user", parts: [{ type: "uri", modality: "image", uri: "https://example.org/p.png" }] },
    {
      role: "tool",
      parts: [
        { type: "tool_call_response", id: "c3", response: "x" },
        { type: "text", content: "y" },
      ],
    },
  ];
  const output = [
    {
      role: "assistant",
      parts: [
        { type: "reasoning", content: "Both tools agree." },
        { type: "text", content: "On Friday." },
      ],
      finish_reason: "stop",
    },
  ];
  const { rows } = read(
    span({
      "gen_ai.input.messages": JSON.stringify(input),
      "gen_ai.output.messages": JSON.stringify(output),
    }),
  );
  const [row] = rows;
  expect(row?.messages.map(({ content, tool_call_id }) => [content, tool_call_id])).toEqual([
    ["both asked at once", null],
    ["Friday", "c1"],
    ['{"carrier":"post"}', "c2"],
    [null, null],
    ["y", "c3"],
  ]);
  expect(row?.messages[3]?.parts).toEqual(input[1]?.parts);
  expect(JSON.stringify(row?.messages[4]?.parts)).toContain('"response":"x"');
  expect(row).toMatchObject({ reasoning: "Both tools agree.", output: [{ content: "On Friday." }] });
});

test("OpenInference: both models, thoughts, annotations among the attributes, and attributes as a tree", () => {
  const told = samplesOf("openinference-spans-2026.jsonl").map(read);
  const [call, tool] = told.map(({ rows }) => rows[0]);
  expect(told.flatMap(({ lossy }) => lossy.filter((line) => line.includes("not declared")))).toEqual([]);
  expect(call).toMatchObject({
    model_requested: "desk-model",
    model_served: "gpt-5-2025-08-07",
    messages: [{ content: "Where is parcel P42?" }],
    output: [
      {
        role: "assistant",
        content: "It left",
        finish_reason: "length",
        tool_calls: [{ name: "find_parcel" }],
      },
    ],
    reasoning: "The tool knows.",
    status: "cut",
    cached_tokens: 40,
    reasoning_tokens: 5,
    feedback: [
      { label: "tone", value: 1, comment: "kind", occurred_at: "2026-11-20T00:01:00.000000Z" },
      { label: "helpful", value: 0.5, comment: "ok" },
    ],
  });
  expect(call?.cost_usd).toBeCloseTo(0.00003, 12);
  expect(tool).toMatchObject({
    kind: "tool",
    status: "error",
    error: { code: "KeyError", message: "P42" },
    tools_used: [
      { name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday", success: false },
    ],
    metadata: { env: "prod" },
  });
});
