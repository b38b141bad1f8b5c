import type { JsonRecord } from "../parse.ts";
import { chatChoices, chatMessages } from "./chat.ts";
import type { MessageDraft } from "./message.ts";
import { paths } from "./declared.ts";
import type { Format, Note } from "./format.ts";
import { freeTurn, has, isRecord, listOf, lookUp, numberOf, recordOf, textOf } from "./format.ts";

const KINDS: Readonly<Record<string, string>> = {
  llm: "llm",
  tool: "tool",
  function: "chain",
  task: "agent",
};

/** Braintrust's spans. `expected` is a correction when it differs from the output; scores are 0 to 1. */
export const braintrust: Format = {
  name: "braintrust",
  version: 4,
  matches: (record) => has(record, "span_id", "root_span_id", "span_attributes"),
  unfolds: "span_attributes span_parents metadata metrics input output scores tags error".split(" "),
  map: (record, note) => {
    const metadata = recordOf(record["metadata"]);
    const metrics = recordOf(record["metrics"]);
    const { model, user_id, session_id, ...params } = metadata;
    const first = numberOf(metrics["time_to_first_token"]);
    const error = record["error"];
    const cost = numberOf(metrics["estimated_cost"]);
    return {
      interactions: [
        {
          source_id: textOf(record["id"]) ?? textOf(record["span_id"]),
          kind: lookUp(KINDS, recordOf(record["span_attributes"])["type"]) ?? "chain",
          trace_id: textOf(record["root_span_id"]),
          parent_id: textOf(listOf(record["span_parents"])[0]),
          conversation_id: textOf(session_id),
          agent: textOf(recordOf(record["span_attributes"])["name"]),
          user_key: textOf(user_id),
          started_at: metrics["start"] ?? record["created"] ?? null,
          ended_at: metrics["end"] ?? null,
          model_requested: textOf(model),
          params: Object.keys(params).length > 0 ? params : null,
          messages: messagesOf(record["input"], note),
          output: outputOf(record["output"], note),
          status: error ? "error" : "ok",
          error: error
            ? { code: null, message: typeof error === "string" ? error : JSON.stringify(error) }
            : null,
          input_tokens: metrics["prompt_tokens"] ?? null,
          output_tokens: metrics["completion_tokens"] ?? null,
          cached_tokens: metrics["prompt_cached_tokens"] ?? null,
          reasoning_tokens: metrics["completion_reasoning_tokens"] ?? null,
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          ttft_ms: first === null ? null : first * 1000,
          feedback: signalsOf(record),
          tags: listOf(record["tags"]),
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "id root_span_id span_parents span_attributes input output expected error scores metadata tags",
    ),
    "output[].index": "dropped because the order of output says it",
    "metrics.start": "mapped",
    "metrics.end": "mapped",
    "metrics.prompt_tokens": "mapped",
    "metrics.completion_tokens": "mapped",
    "metrics.prompt_cached_tokens": "mapped",
    "metrics.completion_reasoning_tokens": "mapped",
    "metrics.time_to_first_token": "mapped",
    "metrics.estimated_cost": "mapped",
    "metrics.tokens": "dropped because it is the sum of two others",
    ...paths(
      "extra",
      "span_id created span_attributes.type metrics _xact_id _pagination_key org_id project_id log_id is_root origin context comments audit_data facets classifications",
    ),
  },
};

function messagesOf(input: unknown, note: Note): MessageDraft[] {
  if (Array.isArray(input)) return chatMessages(input, note);
  if (isRecord(input) && Array.isArray(input["messages"])) return chatMessages(input["messages"], note);
  return freeTurn("user", input);
}

function outputOf(output: unknown, note: Note): MessageDraft[] {
  if (Array.isArray(output) && output.every((item) => isRecord(item) && has(item, "message")))
    return chatChoices(output, note);
  if (Array.isArray(output) && output.every((item) => isRecord(item) && has(item, "role")))
    return chatMessages(output, note);
  if (isRecord(output) && has(output, "role")) return chatMessages([output], note);
  return freeTurn("assistant", output);
}

function signalsOf(record: JsonRecord): readonly unknown[] {
  const scores = Object.entries(recordOf(record["scores"])).flatMap(([label, raw]) => {
    const value = numberOf(raw);
    // 0 to 1 there, -1 to 1 here.
    return value === null
      ? []
      : [{ kind: "score", label, raw, value: value * 2 - 1, reason: "score * 2 - 1" }];
  });
  const expected = record["expected"] ?? null;
  if (expected === null) return scores;
  return [
    ...scores,
    {
      kind: "correction",
      raw: expected,
      corrected_text: typeof expected === "string" ? expected : JSON.stringify(expected),
    },
  ];
}
