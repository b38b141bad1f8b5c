import type { JsonRecord } from "../parse.ts";
import { instant, millisecondsBetween } from "../time.ts";
import { isResponse, responseOf } from "./bodies.ts";
import { chatMessages, usageOf } from "./chat.ts";
import { answerPaths, chatPaths, paths, usagePaths } from "./declared.ts";
import type { Fields, Format, InteractionDraft, Note } from "./format.ts";
import {
  countOf,
  freeTurn,
  has,
  idOf,
  isRecord,
  listOf,
  lookUp,
  numberOf,
  recordOf,
  textOf,
} from "./format.ts";
import type { MessageDraft } from "./message.ts";
import { answeredPaths, askedPaths } from "./openai-responses.ts";
import { inputOf } from "./responses-items.ts";

/**
 * LiteLLM's standard logging payload (BerriAI/litellm, litellm/types/utils.py, StandardLoggingPayload),
 * of every kind of call. What LiteLLM redacted has no text, and a tag.
 */
export const litellm: Format = {
  name: "litellm",
  version: 3,
  matches: (record) =>
    has(record, "call_type", "messages", "response", "startTime") && !has(record, "request_id"),
  unfolds:
    "messages response metadata hidden_params model_parameters request_tags error_information cost_breakdown".split(
      " ",
    ),
  map: (record, note) => {
    const metadata = recordOf(record["metadata"]);
    const usage = usageOf(metadata["usage_object"] ?? recordOf(record["hidden_params"])["usage_object"]);
    const params = recordOf(record["model_parameters"]);
    const answer = answerOf(record["response"], note);
    const cost = isPriced(record) ? numberOf(record["response_cost"]) : null;
    return {
      interactions: [
        withoutMarks({
          ...answer,
          source_id: textOf(record["id"]),
          kind: kindOf(record["call_type"]),
          trace_id: textOf(record["trace_id"]),
          user_key:
            textOf(record["end_user"]) ??
            textOf(metadata["user_api_key_end_user_id"]) ??
            textOf(metadata["user_api_key_user_id"]),
          started_at: record["startTime"] ?? null,
          ended_at: record["endTime"] ?? null,
          provider: textOf(record["custom_llm_provider"]),
          model_requested: textOf(record["model_group"]) ?? textOf(record["model"]),
          model_served: textOf(record["model"]),
          params: record["model_parameters"] ?? null,
          tools: params["tools"] ?? null,
          messages: askedOf(record, note),
          ...endOf(record, recordOf(record["error_information"]), answer),
          input_tokens: countOf(record["prompt_tokens"]),
          output_tokens: countOf(record["completion_tokens"]),
          cached_tokens: answer.cached_tokens ?? usage["cached_tokens"] ?? null,
          reasoning_tokens: answer.reasoning_tokens ?? usage["reasoning_tokens"] ?? null,
          ttft_ms: firstToken(record),
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          tags: listOf(record["request_tags"]),
          metadata: Object.keys(metadata).length > 0 ? metadata : null,
        }),
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "id trace_id response_cost prompt_tokens completion_tokens startTime endTime model model_group custom_llm_provider metadata request_tags end_user model_parameters response",
    ),
    ...responsePaths("response"),
    ...errorPaths("error_information"),
    ...paths(
      "extra",
      "call_type status error_str completionStartTime model_id api_base cache_hit cache_key saved_cache_cost model_map_information response_cost_failure_debug_info litellm_call_id stream cost_breakdown status_fields requester_ip_address user_agent guardrail_information standard_built_in_tools_params hidden_params",
    ),
    total_tokens: "dropped because it is the sum of two others",
    response_time: "dropped because startTime and endTime say it",
    messages: "mapped",
    ...askedPaths("messages[]"),
    ...chatPaths("messages[]"),
  },
};

/** Where the parts of a logged response go, below `prefix`. */
export function responsePaths(prefix: string): Fields {
  return {
    ...Object.fromEntries(
      "id created created_at completed_at object model service_tier system_fingerprint data results type instructions tools text tool_choice temperature top_p truncation parallel_tool_calls previous_response_id max_output_tokens metadata store background user stop_sequence choices[].provider_specific_fields choices[].logprobs choices[].message.provider_specific_fields choices[].message.images"
        .split(" ")
        .map((name) => [`${prefix}.${name}`, "extra" as const]),
    ),
    ...usagePaths(`${prefix}.usage`),
    // The payload's own counts are what columns take.
    [`${prefix}.usage.prompt_tokens`]: "extra",
    [`${prefix}.usage.completion_tokens`]: "extra",
    [`${prefix}.usage.input_tokens`]: "extra",
    [`${prefix}.usage.output_tokens`]: "extra",
    [`${prefix}.choices[].index`]: "dropped because the order of output says it",
    ...answerPaths(`${prefix}.choices[].message`),
    ...answeredPaths(`${prefix}.output[]`),
  };
}

export function errorPaths(prefix: string): Fields {
  return { [prefix]: "extra", [`${prefix}.error_code`]: "mapped", [`${prefix}.error_message`]: "mapped" };
}

/** Calls that are no chat (CallTypes of litellm/types/utils.py); `a…` are the asynchronous ones. */
const KINDS: Readonly<Record<string, string>> = {
  embedding: "retriever",
  rerank: "retriever",
  search: "retriever",
  vector_store_search: "retriever",
  call_mcp_tool: "tool",
  moderation: "chain",
  transcription: "chain",
  speech: "chain",
  image_generation: "chain",
  image_edit: "chain",
  ocr: "chain",
};

export function kindOf(callType: unknown): string {
  const name = textOf(callType) ?? "";
  return lookUp(KINDS, name) ?? (name.startsWith("a") ? lookUp(KINDS, name.slice(1)) : undefined) ?? "llm";
}

/** Of calls that are no chat, the response is a text, a list or an object of another shape. */
export function answerOf(response: unknown, note: Note): InteractionDraft {
  if (isResponse(response)) return responseOf(response, note);
  return isRecord(response) ? { ...usageFrom(response) } : { output: freeTurn("assistant", response) };
}

const usageFrom = (response: JsonRecord): InteractionDraft => {
  const { cached_tokens, reasoning_tokens } = usageOf(response["usage"]);
  return { cached_tokens, reasoning_tokens };
};

function askedOf({ messages, call_type: call }: JsonRecord, note: Note): readonly MessageDraft[] {
  if (typeof messages === "string") return [{ role: "user", content: messages }];
  const isItems = call === "responses" || call === "aresponses";
  const list = isRecord(messages) ? [messages] : messages;
  return isItems ? inputOf(list, note) : chatMessages(list, note);
}

/** How the call ended: as LiteLLM says, else as the answer does. */
export function endOf(
  record: JsonRecord,
  error: JsonRecord,
  answer: InteractionDraft,
): Pick<InteractionDraft, "status" | "error"> {
  if (record["status"] !== "failure") return { status: answer.status ?? "ok", error: answer.error ?? null };
  return {
    status: "error",
    error: {
      code: idOf(error["error_code"]),
      message: textOf(error["error_message"]) ?? textOf(record["error_str"]),
    },
  };
}

/** Time to the first token. Of a call that did not stream LiteLLM says that it came with the last: that is not known. */
export function firstToken(record: JsonRecord): number | null {
  const [start, first, end] = ["startTime", "completionStartTime", "endTime"].map(
    (name) => instant(record[name])?.text,
  );
  if (start === undefined || first === undefined || (first === end && record["stream"] !== true)) return null;
  return millisecondsBetween(start, first);
}

/** A cost of nothing that LiteLLM could not work out is not known. */
const isPriced = (record: JsonRecord): boolean =>
  (record["response_cost_failure_debug_info"] ?? null) === null ||
  (numberOf(record["response_cost"]) ?? 0) > 0;

/** What LiteLLM puts where a text was (litellm_core_utils/redact_messages.py). */
const REDACTED = "redacted-by-litellm";

/** The mark is no text: a turn that had one keeps it in `parts`, and the row is tagged. */
export function withoutMarks(row: InteractionDraft): InteractionDraft {
  const isMarked = (turn: unknown): boolean => isRecord(turn) && turn["content"] === REDACTED;
  const hidden = (turns: unknown): unknown =>
    listOf(turns).map((turn) =>
      isMarked(turn) ? { ...recordOf(turn), content: null, parts: REDACTED } : turn,
    );
  if (![row.messages, row.output].some((turns) => listOf(turns).some(isMarked)) && row.reasoning !== REDACTED)
    return row;
  return {
    ...row,
    messages: hidden(row.messages),
    output: hidden(row.output),
    reasoning: row.reasoning === REDACTED ? null : row.reasoning,
    tags: [...listOf(row.tags), REDACTED],
  };
}
