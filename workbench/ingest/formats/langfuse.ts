import type { JsonRecord } from "../parse.ts";
import { chatMessage, chatMessages } from "./chat.ts";
import type { MessageDraft } from "./chat.ts";
import { paths } from "./declared.ts";
import type { Format, Note } from "./format.ts";
import { freeTurn, has, isRecord, jsonOf, listOf, numberOf, recordOf, textOf } from "./format.ts";

const KINDS: Readonly<Record<string, string>> = {
  GENERATION: "llm",
  TOOL: "tool",
  RETRIEVER: "retriever",
  AGENT: "agent",
};

/** Observations as Langfuse exports them: input and output are JSON text, "" means nothing, times are UTC. */
export const langfuse: Format = {
  name: "langfuse",
  version: 2,
  texts: "moved",
  matches: (record) => has(record, "trace_id", "type", "usage_details"),
  map: (record, note) => {
    const usage = recordOf(jsonOf(record["usage_details"], "usage_details", note));
    const seconds = numberOf(record["latency"]);
    const first = numberOf(record["time_to_first_token"]);
    const failed = record["level"] === "ERROR";
    return {
      interactions: [
        {
          source_id: textOf(record["id"]),
          kind: KINDS[String(record["type"])] ?? "chain",
          trace_id: textOf(record["trace_id"]),
          parent_id: textOf(record["parent_observation_id"]),
          conversation_id: textOf(record["session_id"]),
          agent: textOf(record["trace_name"]),
          user_key: textOf(record["user_id"]),
          started_at: textOf(record["start_time"]),
          ended_at: textOf(record["end_time"]),
          updated_at: textOf(record["updated_at"]),
          model_served: textOf(record["provided_model_name"]),
          params: jsonOf(record["model_parameters"], "model_parameters", note),
          ...inputOf(jsonOf(record["input"], "input", note), note),
          output: outputOf(record, note),
          status: failed ? "error" : "ok",
          error: failed ? { code: null, message: textOf(record["status_message"]) } : null,
          input_tokens: usage["input"] ?? null,
          output_tokens: usage["output"] ?? null,
          cached_tokens: usage["input_cached_tokens"] ?? usage["cache_read_input_tokens"] ?? null,
          reasoning_tokens: usage["output_reasoning_tokens"] ?? null,
          latency_ms: seconds === null ? null : seconds * 1000,
          ttft_ms: first === null ? null : first * 1000,
          cost_usd: numberOf(record["total_cost"]),
          cost_source: numberOf(record["total_cost"]) === null ? null : "logged",
          tags: listOf(record["tags"]),
          metadata: jsonOf(record["metadata"], "metadata", note),
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "id trace_id parent_observation_id session_id trace_name user_id start_time end_time updated_at provided_model_name model_parameters input output latency time_to_first_token total_cost tags metadata tool_calls tool_definitions status_message",
    ),
    ...paths(
      "extra",
      "type level usage_details project_id environment name version prompt_id prompt_name prompt_version model_id release cost_details usage_pricing_tier_id completion_start_time",
    ),
    created_at: "dropped because it is when the exporter stored the row",
    tool_call_names: "dropped because tool_calls names them",
  },
};

/** Messages, an object that holds them, or whatever the application logged as its input. */
function inputOf(input: unknown, note: Note): { messages: readonly MessageDraft[]; tools: unknown } {
  if (Array.isArray(input)) return { messages: chatMessages(input, note), tools: null };
  if (isRecord(input) && Array.isArray(input["messages"]))
    return { messages: chatMessages(input["messages"], note), tools: input["tools"] ?? null };
  if (isRecord(input)) note("input", "not messages: one user message, kept in parts");
  return { messages: freeTurn("user", input), tools: null };
}

function outputOf(record: JsonRecord, note: Note): MessageDraft[] {
  const output = jsonOf(record["output"], "output", note);
  const calls = listOf(record["tool_calls"]).map((call) => jsonOf(call, "tool_calls[]", note));
  if (output === null || output === "")
    return calls.length === 0 ? [] : [chatMessage({ role: "assistant", tool_calls: calls }, note)];
  if (isRecord(output) && (has(output, "role") || has(output, "content"))) {
    const own = listOf(output["tool_calls"]);
    return [chatMessage({ role: "assistant", ...output, tool_calls: own.length > 0 ? own : calls }, note)];
  }
  if (Array.isArray(output) && output.every((item) => isRecord(item) && has(item, "role")))
    return chatMessages(output, note);
  return freeTurn("assistant", output);
}

/** Langfuse's scores file: feedback about an observation, a trace or a session. */
export const langfuseScores: Format = {
  name: "langfuse-scores",
  version: 2,
  texts: "moved",
  matches: (record) => has(record, "data_type", "observation_id", "trace_id", "name", "value"),
  map: (record) => ({
    interactions: [],
    feedback: [
      {
        feedback_id: textOf(record["id"]),
        target: {
          interaction_id: null,
          format: "langfuse",
          source_id: textOf(record["observation_id"]),
          trace_id: textOf(record["trace_id"]),
          conversation_id: textOf(record["session_id"]),
        },
        kind: "score",
        raw: record["value"] ?? record["string_value"] ?? null,
        ...scoreOf(record),
        label: textOf(record["name"]),
        comment: textOf(record["comment"]),
        rater: textOf(record["author_user_id"]),
        occurred_at: textOf(record["timestamp"]),
        explicit: record["source"] !== "EVAL",
      },
    ],
  }),
  fields: {
    ...paths(
      "mapped",
      "id timestamp trace_id observation_id session_id name value string_value comment author_user_id",
    ),
    ...paths("extra", "data_type source project_id environment config_id metadata"),
    created_at: "dropped because it is when the exporter stored the row",
    updated_at: "dropped because it is when the exporter stored the row",
  },
};

/** A number in [-1, 1] is taken as it is; a boolean is ±1; other scales are the user's to map. */
function scoreOf(record: JsonRecord): { value: number | null; reason: string | null } {
  const value = numberOf(record["value"]);
  if (value === null) return { value: null, reason: null };
  if (record["data_type"] === "BOOLEAN") return { value: value === 0 ? -1 : 1, reason: "boolean score" };
  if (value >= -1 && value <= 1) return { value, reason: "numeric score as it is" };
  return { value: null, reason: "a score outside [-1, 1]: map its scale" };
}
