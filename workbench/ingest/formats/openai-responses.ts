import type { JsonRecord } from "../parse.ts";
import { paramsOf, usageOf } from "./chat.ts";
import { paths, usagePaths } from "./declared.ts";
import type { Fields, Format, InteractionDraft, Note } from "./format.ts";
import { has, isRecord, listOf, recordOf, textOf } from "./format.ts";
import { inputOf, reasoningOf, servedTools, turnOf } from "./responses-items.ts";

/** What columns other than the parameters take. */
const TAKEN =
  "id created_at completed_at status incomplete_details instructions model previous_response_id conversation input tools user safety_identifier metadata";
const KEPT = "store service_tier background billing moderation";
const NO_PARAMS = [
  ...TAKEN.split(" "),
  ...KEPT.split(" "),
  ..."object output output_text usage error".split(" "),
];

/**
 * A response object of OpenAI's Responses API, with the `input` that led to it when the log has it.
 * History that only the server holds is marked: the row chains to `previous_response_id`. After
 * openai/openai-python, src/openai/types/responses.
 */
export const openaiResponses: Format = {
  name: "openai-responses",
  version: 3,
  matches: (record) => record["object"] === "response" && has(record, "output"),
  map: (record, note) => {
    const earlier = textOf(record["previous_response_id"]);
    if (earlier !== null) note("previous_response_id", "earlier turns are in another record");
    return {
      interactions: [
        {
          source_id: textOf(record["id"]),
          parent_id: earlier,
          conversation_id: conversationOf(record["conversation"]),
          user_key: textOf(record["user"]) ?? textOf(record["safety_identifier"]),
          started_at: record["created_at"] ?? null,
          ended_at: record["completed_at"] ?? null,
          provider: "openai",
          model_served: textOf(record["model"]),
          params: paramsOf(record, NO_PARAMS),
          system: instructionsOf(record["instructions"]),
          tools: listOf(record["tools"]).length > 0 ? record["tools"] : null,
          messages: askedOf(record, note),
          metadata: record["metadata"] ?? null,
          ...responsesAnswer(record, note),
        },
      ],
    };
  },
  fields: {
    ...paths("mapped", TAKEN),
    status: "extra",
    ...askedPaths("input[]"),
    ...answeredPaths("output[]"),
    ...usagePaths("usage"),
    error: "extra",
    "error.code": "mapped",
    "error.message": "mapped",
    "incomplete_details.reason": "mapped",
    output: "mapped",
    output_text: "dropped because output says it",
    object: "dropped because the format says it",
    ...paths(
      "mapped",
      "parallel_tool_calls temperature top_p max_output_tokens max_tool_calls text tool_choice truncation reasoning prompt prompt_cache_key prompt_cache_retention top_logprobs presence_penalty frequency_penalty",
    ),
    ...paths("extra", KEPT),
  },
};

/** Members of the input's items that a column takes, or `parts`; what the model thought before has no column. */
export function askedPaths(prefix: string): Fields {
  const taken =
    "role content call_id name arguments input action operation output queries results code outputs revised_prompt result error sources approve approval_request_id reason container_id server_label tools";
  const kept =
    "id status phase summary encrypted_content pending_safety_checks acknowledged_safety_checks content[].annotations content[].logprobs";
  const below = (names: string): string => names.replace(/\S+/g, (name) => `${prefix}.${name}`);
  return {
    [prefix]: "listed",
    ...paths("mapped", below(taken)),
    ...paths("extra", below(kept)),
    [`${prefix}.type`]: "dropped because role, call or result says it",
  };
}

/** Of the output's items. */
export function answeredPaths(prefix: string): Fields {
  return {
    ...askedPaths(prefix),
    [`${prefix}.role`]: "dropped because the output is the assistant's",
    [`${prefix}.summary`]: "mapped",
    [`${prefix}.summary[].type`]: "dropped because it is text",
    [`${prefix}.content[].type`]: "dropped because it is text, or parts have it",
  };
}

const conversationOf = (value: unknown): string | null => textOf(isRecord(value) ? value["id"] : value);

export function instructionsOf(value: unknown): string | null {
  return typeof value === "string" ? textOf(value) : null;
}

/** The input; instructions that are items stand before it. */
function askedOf({ instructions, input }: JsonRecord, note: Note): InteractionDraft["messages"] {
  return [...(Array.isArray(instructions) ? inputOf(instructions, note) : []), ...inputOf(input, note)];
}

/** What a response answers, and how it ended: all items of the output are one turn of the assistant. */
export function responsesAnswer(record: JsonRecord, note: Note): InteractionDraft {
  const items = listOf(record["output"]).map(recordOf);
  const error = recordOf(record["error"]);
  const incomplete = textOf(recordOf(record["incomplete_details"])["reason"]);
  const ended = textOf(record["status"]);
  const failed = isRecord(record["error"]) || ended === "failed";
  return {
    output: [{ ...turnOf(items, note, "output[]"), finish_reason: incomplete ?? ended }],
    reasoning: reasoningOf(items),
    tools_used: servedTools(items, note),
    status: failed
      ? "error"
      : incomplete !== null || (ended !== null && ended !== "completed")
        ? "cut"
        : "ok",
    error: failed ? { code: textOf(error["code"]), message: textOf(error["message"]) } : null,
    ...usageOf(record["usage"]),
  };
}
