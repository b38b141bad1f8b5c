import { expect, test } from "vitest";
import { testProject } from "../testing/project.ts";
import { read, samplesOf } from "./testing/read.ts";

// Records written after BerriAI/litellm: StandardLoggingPayload in litellm/types/utils.py, SpendLogsPayload in proxy/_types.py.

const told = samplesOf("litellm-payloads-2026.jsonl").map(read);
const [responses, failed, tools, hidden] = told.map(({ rows }) => rows[0]);
const spent = samplesOf("litellm-spend-logs.jsonl").map(read);
const [spend, cut, bare] = spent.map(({ rows }) => rows[0]);

test("every member of the payload and of the table is known", () => {
  expect(told.map(({ format }) => format)).toEqual(Array(4).fill("litellm"));
  expect(spent.map(({ format }) => format)).toEqual(Array(3).fill("litellm-spend-logs"));
  const unknown = [...told, ...spent].flatMap(({ lossy }) =>
    lossy.filter((line) => line.includes("not declared")),
  );
  expect(unknown).toEqual([]);
});

test("a call of the Responses API: items are turns, the thought is the reasoning, details of usage have columns", () => {
  expect(responses?.messages.map(({ role, content, tool_call_id }) => [role, content, tool_call_id])).toEqual(
    [
      ["user", "Where is parcel P42?", null],
      ["assistant", null, null],
      ["tool", "left on Friday", "call_1"],
    ],
  );
  // A turn that is only a call is no turn of unknown parts: curate would leave it out.
  expect(responses?.messages[1]).toMatchObject({
    parts: null,
    tool_calls: [{ id: "call_1", name: "find_parcel", arguments: { parcel_id: "P42" } }],
  });
  expect(responses).toMatchObject({
    output: [{ content: "It left on Friday.", finish_reason: "completed", parts: null }],
    reasoning: "The tool knows.",
    cached_tokens: 40,
    reasoning_tokens: 9,
    ttft_ms: 500,
    latency_ms: 2250,
    cost_usd: 0.000125,
  });
  expect(responses?.user_key).toMatch(/^\[USER:/);
});

test("a failure has its code and message, and no cost that LiteLLM did not know", () => {
  expect(failed).toMatchObject({
    status: "error",
    error: { code: "429", message: "slow down" },
    output: [],
    cost_usd: null,
    cost_source: null,
    ttft_ms: null,
  });
  expect(failed?.extra).toMatchObject({
    "error_information.error_class": "RateLimitError",
    "error_information.traceback": "File main.py",
  });
});

test("Anthropic's parts are calls, answers and a thought", () => {
  expect(tools?.messages.map(({ role, content }) => [role, content])).toEqual([
    ["user", "Where is parcel P42?"],
    ["assistant", "Looking."],
    ["tool", "left on Friday"],
    ["user", "And now?"],
  ]);
  expect(tools).toMatchObject({
    system: "Be brief.",
    reasoning: "The tool says so.",
    cost_usd: 0.0021,
    cached_tokens: 12,
    tools_used: [{ name: "find_parcel", arguments: { parcel_id: "P42" }, result: "left on Friday" }],
  });
});

test("what LiteLLM redacted is no text that anybody could train on, and is tagged", () => {
  expect(hidden?.tags).toEqual(["prod", "redacted-by-litellm"]);
  expect(hidden?.output[0]).toMatchObject({ content: null, parts: "redacted-by-litellm" });
  expect(hidden?.messages[0]).toMatchObject({ content: null, parts: "redacted-by-litellm" });
  // Without a stream the time of the first token is that of the last.
  expect(hidden?.ttft_ms).toBeNull();
});

test("the spend table: the prompt is in the proxied request, also where columns came as JSON text", () => {
  expect(spend).toMatchObject({
    source_id: "chatcmpl-94",
    trace_id: "sess_9",
    system: "Be brief.",
    model_requested: "desk-model",
    model_served: "gpt-4o-mini",
    params: { temperature: 0.2 },
    cost_usd: 0.00003,
    cached_tokens: 40,
    reasoning_tokens: 5,
    ttft_ms: 500,
    status: "ok",
    tags: ["prod"],
  });
  expect(spend?.messages.map(({ content }) => content)).toEqual(["Where is parcel P42?"]);
  expect(spend?.output.map(({ content }) => content)).toEqual(["It left on Friday."]);
  expect(cut).toMatchObject({ status: "cut", tags: ["prod", "shortened-by-litellm"] });
  expect(cut?.messages.map(({ content }) => content)).toEqual(["Write them."]);
});

test("a proxy that stores no prompts gives measures, and says so", () => {
  expect(bare).toMatchObject({
    messages: [],
    output: [],
    status: "error",
    error: { code: "500", message: "down" },
  });
  expect(spent[2]?.lossy).toContain("proxy_server_request: the proxy stored no prompts: measures only");
});

test("calls that are no chat are no interactions of a model", () => {
  const [record] = samplesOf("litellm-payloads-2026.jsonl");
  const kind = (call_type: string): unknown =>
    read({ ...record, call_type, messages: "x", response: {} }).rows[0]?.kind;
  expect(
    ["aembedding", "embedding", "arerank", "call_mcp_tool", "acompletion", "aresponses"].map(kind),
  ).toEqual(["retriever", "retriever", "retriever", "tool", "llm", "llm"]);
});

test("the spend table as CSV, every cell a text: what the JSON in them holds is in the row or beside it", async () => {
  const [row] = samplesOf("litellm-spend-logs.jsonl");
  const cells = Object.entries(row ?? {}).filter(([, value]) => value !== null);
  const cell = (value: unknown): string =>
    `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
  const at = await testProject();
  const csv = [cells.map(([name]) => name).join(","), cells.map(([, value]) => cell(value)).join(",")].join(
    "\n",
  );
  const report = await at.ingest(await at.write("spend.csv", `${csv}\n`));
  expect(report.sources[0]).toMatchObject({ format: "litellm-spend-logs", counts: { stored: 1 } });
  const [stored] = await at.rows();
  expect(stored).toMatchObject({
    cost_usd: 0.00003,
    system: "Be brief.",
    output: [{ content: "It left on Friday." }],
  });
  expect(stored?.extra).toMatchObject({ "response.model": "gpt-4o-mini-2024-07-18" });
});
