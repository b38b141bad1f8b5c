import { requestOf } from "./bodies.ts";
import { chatMessages, usageOf } from "./chat.ts";
import { chatPaths, paths } from "./declared.ts";
import type { Format } from "./format.ts";
import { countOf, has, listOf, numberOf, recordOf, textOf } from "./format.ts";
import { answerOf, endOf, firstToken, kindOf, responsePaths, withoutMarks } from "./litellm.ts";
import { askedPaths } from "./openai-responses.ts";

/**
 * Rows of LiteLLM's table `LiteLLM_SpendLogs` (BerriAI/litellm, proxy/_types.py, SpendLogsPayload, and
 * proxy/spend_tracking/spend_tracking_utils.py), as the database or `/spend/logs` gives them. The prompt is
 * in `proxy_server_request`, and only where the proxy was told to store prompts. It shortens long texts:
 * such a row is cut, and tagged.
 */
export const litellmSpend: Format = {
  name: "litellm-spend-logs",
  version: 1,
  matches: (record) => has(record, "request_id", "call_type", "spend", "startTime"),
  unfolds: "messages response proxy_server_request metadata request_tags".split(" "),
  map: (record, note) => {
    const metadata = recordOf(record["metadata"]);
    const request = recordOf(record["proxy_server_request"]);
    if (Object.keys(request).length === 0)
      note("proxy_server_request", "the proxy stored no prompts: measures only");
    const usage = usageOf(metadata["usage_object"] ?? metadata["additional_usage_values"]);
    const question = requestOf(request, note);
    const answer = answerOf(record["response"], note);
    const spoken = chatMessages(record["messages"], note);
    const isShortened = holds([request, record["response"]], SHORTENED);
    const end = endOf(record, recordOf(metadata["error_information"]), answer);
    const cost = numberOf(record["spend"]);
    return {
      interactions: [
        withoutMarks({
          ...question,
          ...answer,
          messages: spoken.length > 0 ? spoken : question.messages,
          source_id: textOf(record["request_id"]),
          kind: kindOf(record["call_type"]),
          trace_id: textOf(record["session_id"]),
          user_key: textOf(record["end_user"]) ?? textOf(record["user"]) ?? question.user_key ?? null,
          started_at: record["startTime"] ?? null,
          ended_at: record["endTime"] ?? null,
          provider: textOf(record["custom_llm_provider"]),
          model_requested:
            question.model_requested ?? textOf(record["model_group"]) ?? textOf(record["model"]),
          model_served: textOf(record["model"]),
          ...end,
          ...(isShortened && end.status === "ok" ? { status: "cut" } : {}),
          input_tokens: countOf(record["prompt_tokens"]),
          output_tokens: countOf(record["completion_tokens"]),
          cached_tokens: answer.cached_tokens ?? usage["cached_tokens"] ?? null,
          reasoning_tokens: answer.reasoning_tokens ?? usage["reasoning_tokens"] ?? null,
          ttft_ms: firstToken(record),
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          tags: [...listOf(record["request_tags"]), ...(isShortened ? ["shortened-by-litellm"] : [])],
          metadata: Object.keys(metadata).length > 0 ? metadata : null,
        }),
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "request_id session_id spend prompt_tokens completion_tokens startTime endTime model custom_llm_provider metadata request_tags end_user messages proxy_server_request response",
    ),
    ...responsePaths("response"),
    ...chatPaths("messages[]"),
    ...askedPaths("proxy_server_request.input[]"),
    ...chatPaths("proxy_server_request.messages[]"),
    ...paths(
      "extra",
      "call_type status model_group api_key user team_id organization_id completionStartTime model_id api_base cache_hit cache_key requester_ip_address mcp_namespaced_tool_name agent_id request_duration_ms",
    ),
    total_tokens: "dropped because it is the sum of two others",
  },
};

/** What stands where a text was shortened (litellm/constants.py). */
const SHORTENED = "(litellm_truncated ";

function holds(value: unknown, word: string): boolean {
  if (typeof value === "string") return value.includes(word);
  return (
    value !== null && typeof value === "object" && Object.values(value).some((item) => holds(item, word))
  );
}
