import type { JsonRecord } from "../parse.ts";
import { instant, millisecondsBetween } from "../time.ts";
import { isResponse, requestOf, responseOf } from "./bodies.ts";
import { chatMessage, chatMessages } from "./chat.ts";
import { paths } from "./declared.ts";
import type { Format, InteractionDraft, Note } from "./format.ts";
import { freeTurn, has, isRecord, jsonOf, listOf, lookUp, numberOf, recordOf, textOf } from "./format.ts";
import { bothNames, snakeNames } from "./langfuse-names.ts";
import { usageOf } from "./langfuse-usage.ts";
import type { MessageDraft } from "./message.ts";
import { thoughtOf } from "./message.ts";

/** Others are links of a chain: SPAN, EVENT, CHAIN, EVALUATOR, GUARDRAIL. */
const KINDS: Readonly<Record<string, string>> = {
  GENERATION: "llm",
  TOOL: "tool",
  RETRIEVER: "retriever",
  EMBEDDING: "retriever",
  AGENT: "agent",
};

/**
 * Observations of Langfuse: exports to blob storage, enriched and legacy (langfuse/langfuse,
 * packages/shared/src/server/repositories/observations.ts), the API's and the pages' (by camelCase names:
 * repositories/observations_converters.ts, fern/apis/server/definition/commons.yml). Input and output are JSON
 * text or JSON, "" means nothing, times are UTC.
 */
export const langfuse: Format = {
  name: "langfuse",
  version: 3,
  unfolds:
    "usage usageDetails costDetails usage_details cost_details tags traceTags tool_calls toolCalls tool_definitions toolDefinitions".split(
      " ",
    ),
  matches: (record) =>
    has(record, "trace_id", "type", "start_time", "parent_observation_id") ||
    has(record, "traceId", "type", "startTime", "parentObservationId"),
  map: (record, note) => ({ interactions: [observationRow(snakeNames(record), note)] }),
  fields: bothNames({
    ...paths(
      "mapped",
      "id trace_id parent_observation_id session_id trace_name user_id start_time end_time updated_at provided_model_name model model_parameters input output total_cost calculated_total_cost tags trace_tags metadata tool_calls tool_definitions",
    ),
    ...paths(
      "extra",
      "type level status_message usage usage_details cost_details latency time_to_first_token completion_start_time project_id environment name version prompt_id prompt_name prompt_version model_id internal_model_id release usage_pricing_tier_id usage_pricing_tier_name unit prompt_tokens completion_tokens total_tokens input_price output_price total_price calculated_input_cost calculated_output_cost input_cost output_cost input_usage output_usage total_usage provided_usage_details provided_cost_details trace_timestamp bookmarked public comments",
    ),
    created_at: "dropped because it is when the exporter stored the row",
    tool_call_names: "dropped because tool_calls names them",
  }),
};

/** The row of an observation, by the names of the exports to blob storage. */
export function observationRow(record: JsonRecord, note: Note): InteractionDraft {
  const kind = lookUp(KINDS, record["type"]) ?? "chain";
  const cost = costOf(record, note);
  const failed = record["level"] === "ERROR";
  const [input, output] = [jsonOf(record["input"], "input", note), jsonOf(record["output"], "output", note)];
  const answer = answerOf(record, output, note);
  const asked = askedOf(input, note);
  return {
    ...asked,
    ...answer,
    tools: asked.tools ?? toolsOf(record["tool_definitions"], note),
    source_id: textOf(record["id"]),
    kind,
    trace_id: textOf(record["trace_id"]),
    parent_id: textOf(record["parent_observation_id"]),
    conversation_id: textOf(record["session_id"]),
    agent: textOf(record["trace_name"]),
    user_key: textOf(record["user_id"]) ?? asked.user_key ?? null,
    started_at: textOf(record["start_time"]),
    ended_at: textOf(record["end_time"]),
    updated_at: textOf(record["updated_at"]),
    model_served: textOf(record["provided_model_name"]) ?? textOf(record["model"]),
    params: both(asked.params, jsonOf(record["model_parameters"], "model_parameters", note)),
    ...(kind === "tool"
      ? { tools_used: [{ name: record["name"], arguments: input, result: output, success: !failed }] }
      : {}),
    status: failed ? "error" : (answer.status ?? "ok"),
    error: failed ? { code: null, message: textOf(record["status_message"]) } : null,
    ...usageOf(record, note),
    latency_ms: latencyOf(record),
    ttft_ms: firstToken(record),
    cost_usd: cost,
    cost_source: cost === null ? null : "logged",
    tags: listOf(record["tags"] ?? record["trace_tags"]),
    metadata: jsonOf(record["metadata"], "metadata", note),
  };
}

/** What the request says of itself, and what was logged beside it. */
const both = (asked: unknown, logged: unknown): unknown =>
  isRecord(asked) && (isRecord(logged) || logged === null) ? { ...asked, ...logged } : logged;

function costOf(record: JsonRecord, note: Note): number | null {
  const details = recordOf(jsonOf(record["cost_details"], "cost_details", note));
  return (
    numberOf(record["total_cost"]) ?? numberOf(record["calculated_total_cost"]) ?? numberOf(details["total"])
  );
}

/** Pages export milliseconds as `latency`, all others seconds: the times say it where both are there. */
function latencyOf(record: JsonRecord): number | null {
  const seconds = numberOf(record["latency"]);
  return seconds === null || textOf(record["end_time"]) !== null ? null : seconds * 1000;
}

function firstToken(record: JsonRecord): number | null {
  const [start, first] = [
    instant(record["start_time"])?.text,
    instant(record["completion_start_time"])?.text,
  ];
  if (start !== undefined && first !== undefined) return millisecondsBetween(start, first);
  const seconds = numberOf(record["time_to_first_token"]);
  return seconds === null ? null : seconds * 1000;
}

/** As LangChain and Gemini name the speakers. */
const ROLES: Readonly<Record<string, string>> = { human: "user", ai: "assistant", model: "assistant" };

const named = (message: JsonRecord): JsonRecord => ({
  ...message,
  role: lookUp(ROLES, message["role"]) ?? message["role"],
});
const isChat = (value: unknown): value is readonly JsonRecord[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => isRecord(item) && typeof item["role"] === "string");

/** Messages, a request that holds them, or whatever the application logged as its input. */
function askedOf(input: unknown, note: Note): InteractionDraft {
  if (isChat(input)) return { messages: chatMessages(input.map(named), note) };
  if (isRecord(input) && (isChat(input["messages"]) || Array.isArray(input["input"]))) {
    return requestOf(
      isChat(input["messages"]) ? { ...input, messages: input["messages"].map(named) } : input,
      note,
    );
  }
  if (input !== null && typeof input === "object")
    note("input", "not messages: one user message, kept in parts");
  return { messages: freeTurn("user", input) };
}

/** A message, several, a response of an API, or whatever the application logged as its output. */
function answerOf(record: JsonRecord, output: unknown, note: Note): InteractionDraft {
  const calls = listOf(record["tool_calls"]).map((call) => jsonOf(call, "tool_calls[]", note));
  if (output === null || output === "")
    return {
      output: calls.length === 0 ? [] : [chatMessage({ role: "assistant", tool_calls: calls }, note)],
    };
  if (isRecord(output) && isResponse(output) && !has(output, "role")) return responseOf(output, note);
  if (isRecord(output) && (has(output, "role") || has(output, "content"))) {
    const own = listOf(output["tool_calls"]);
    const message = named({ role: "assistant", ...output, tool_calls: own.length > 0 ? own : calls });
    return { output: [turnOf(message, note)], reasoning: thoughtOf(message) };
  }
  if (isChat(output)) return { output: output.map((turn) => turnOf(named(turn), note)) };
  return { output: freeTurn("assistant", output) };
}

const turnOf = (message: JsonRecord, note: Note): MessageDraft => ({
  ...chatMessage(message, note),
  finish_reason: textOf(message["finish_reason"] ?? message["stop_reason"]),
});

/** Tools by their names, as enriched exports have them. */
function toolsOf(value: unknown, note: Note): unknown {
  const tools = Object.entries(recordOf(value)).map(([name, definition]) => {
    const told = jsonOf(definition, "tool_definitions", note);
    return { type: "function", function: isRecord(told) ? { name, ...told } : { name, definition: told } };
  });
  return tools.length === 0 ? null : tools;
}
