import { chatChoices, chatMessages, usageOf } from "./chat.ts";
import { chatPaths, paths } from "./declared.ts";
import type { Format } from "./format.ts";
import { freeTurn, has, isRecord, listOf, numberOf, recordOf, textOf, unfolded } from "./format.ts";

/** LiteLLM's standard logging payload. Text that LiteLLM itself redacted is stored and tagged. */
export const litellm: Format = {
  name: "litellm",
  version: 2,
  texts: "moved",
  matches: (record) => has(record, "call_type", "messages", "response", "startTime"),
  map: (raw, note) => {
    const record = unfolded(
      raw,
      "messages response metadata model_parameters request_tags error_information",
    );
    const response = recordOf(record["response"]);
    const metadata = recordOf(record["metadata"]);
    const start = numberOf(record["startTime"]);
    const first = numberOf(record["completionStartTime"]);
    const failed = record["status"] === "failure";
    const error = recordOf(record["error_information"]);
    const messages = record["messages"];
    const isHidden = isRedacted([messages, record["response"]]);
    return {
      interactions: [
        {
          source_id: textOf(record["id"]),
          trace_id: textOf(record["trace_id"]),
          user_key: textOf(record["end_user"]) ?? textOf(metadata["user_api_key_user_id"]),
          started_at: start,
          ended_at: numberOf(record["endTime"]),
          provider: textOf(record["custom_llm_provider"]),
          model_requested: textOf(record["model_group"]) ?? textOf(record["model"]),
          model_served: textOf(record["model"]),
          params: record["model_parameters"] ?? null,
          tools: recordOf(record["model_parameters"])["tools"] ?? null,
          messages:
            typeof messages === "string"
              ? [{ role: "user", content: messages }]
              : chatMessages(isRecord(messages) ? [messages] : messages, note),
          // Of calls that are no chat, the response is a text or a list.
          output: isRecord(record["response"])
            ? chatChoices(response["choices"], note)
            : freeTurn("assistant", record["response"]),
          status: failed ? "error" : "ok",
          error: failed
            ? {
                code: textOf(error["error_code"]),
                message: textOf(error["error_message"]) ?? textOf(record["error_str"]),
              }
            : null,
          ...usageOf(response["usage"]),
          input_tokens: record["prompt_tokens"] ?? null,
          output_tokens: record["completion_tokens"] ?? null,
          ttft_ms: start !== null && first !== null ? Math.round((first - start) * 1e6) / 1e3 : null,
          cost_usd: numberOf(record["response_cost"]),
          cost_source: numberOf(record["response_cost"]) === null ? null : "logged",
          tags: [...listOf(record["request_tags"]), ...(isHidden ? ["redacted-by-litellm"] : [])],
          metadata: Object.keys(metadata).length > 0 ? metadata : null,
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "id trace_id response_cost prompt_tokens completion_tokens startTime endTime model model_group custom_llm_provider metadata request_tags end_user model_parameters error_str error_information",
    ),
    "response.choices": "mapped",
    "response.choices[].index": "dropped because the order of output says it",
    "response.usage": "extra",
    "response.id": "extra",
    ...paths(
      "extra",
      "call_type status completionStartTime model_id api_base cache_hit cache_key saved_cache_cost model_map_information response_cost_failure_debug_info",
    ),
    total_tokens: "dropped because it is the sum of two others",
    response_time: "dropped because startTime and endTime say it",
    hidden_params: "extra",
    ...chatPaths("messages[]"),
    ...chatPaths("response.choices[].message"),
  },
};

/** Whether LiteLLM put its mark where a text was (litellm_core_utils/redact_messages.py). */
function isRedacted(value: unknown): boolean {
  if (value === null || typeof value !== "object") return value === "redacted-by-litellm";
  return Object.values(value).some(isRedacted);
}
