import type { JsonRecord } from "../parse.ts";
import { contentOf, paramsOf, roleOf, toolCalls, usageOf } from "./chat.ts";
import type { MessageDraft } from "./chat.ts";
import { paths, usagePaths } from "./declared.ts";
import type { Format, Note } from "./format.ts";
import { has, isRecord, listOf, recordOf, textOf } from "./format.ts";

/** What columns other than the parameters take. */
const TAKEN =
  "id created_at completed_at status error incomplete_details instructions model previous_response_id conversation input tools user metadata";
const NO_PARAMS = [...TAKEN.split(" "), "object", "output", "usage", "store", "service_tier", "background"];

/**
 * A response object of OpenAI's Responses API, with the `input` that led to it when the log has it.
 * History that only the server holds is marked: the row chains to `previous_response_id`.
 */
export const openaiResponses: Format = {
  name: "openai-responses",
  version: 2,
  texts: "moved",
  matches: (record) => record["object"] === "response" && has(record, "output"),
  map: (record, note) => {
    const output = outputOf(record, note);
    const error = recordOf(record["error"]);
    const incomplete = textOf(recordOf(record["incomplete_details"])["reason"]);
    const earlier = textOf(record["previous_response_id"]);
    if (earlier !== null) note("previous_response_id", "earlier turns are in another record");
    return {
      interactions: [
        {
          source_id: textOf(record["id"]),
          parent_id: earlier,
          conversation_id: conversationOf(record["conversation"]),
          user_key: textOf(record["user"]),
          started_at: record["created_at"] ?? null,
          ended_at: record["completed_at"] ?? null,
          provider: "openai",
          model_served: textOf(record["model"]),
          params: paramsOf(record, NO_PARAMS),
          system: instructionsOf(record["instructions"]),
          tools: listOf(record["tools"]).length > 0 ? record["tools"] : null,
          messages: inputOf(record["input"], note),
          output: [{ ...output, finish_reason: incomplete ?? textOf(record["status"]) }],
          reasoning: reasoningOf(record),
          status: record["error"] ? "error" : incomplete === null ? "ok" : "cut",
          error: record["error"] ? { code: textOf(error["code"]), message: textOf(error["message"]) } : null,
          metadata: record["metadata"] ?? null,
          ...usageOf(record["usage"]),
        },
      ],
    };
  },
  fields: {
    ...paths("mapped", TAKEN),
    output: "mapped",
    "input[].type": "dropped because role, call or result says it",
    ...usagePaths("usage"),
    object: "dropped because the format says it",
    parallel_tool_calls: "mapped",
    temperature: "mapped",
    top_p: "mapped",
    max_output_tokens: "mapped",
    text: "mapped",
    tool_choice: "mapped",
    truncation: "mapped",
    reasoning: "mapped",
    store: "extra",
    service_tier: "extra",
    background: "extra",
  },
};

const conversationOf = (value: unknown): string | null => textOf(isRecord(value) ? value["id"] : value);

export function instructionsOf(value: unknown): string | null {
  return typeof value === "string" ? textOf(value) : null;
}

export function inputOf(value: unknown, note: Note): MessageDraft[] {
  if (typeof value === "string") return [{ role: "user", content: value }];
  return listOf(value).map((item) => itemOf(recordOf(item), note));
}

/** An item of the input: a message, a call of a tool, or what the tool gave. */
function itemOf(item: JsonRecord, note: Note): MessageDraft {
  if (item["type"] === "function_call") return { role: "assistant", tool_calls: callsOf(item, note) };
  if (item["type"] === "function_call_output")
    return { role: "tool", ...contentOf(item["output"], note), tool_call_id: textOf(item["call_id"]) };
  if (item["type"] === "reasoning") return { role: "assistant", parts: item };
  return { role: roleOf(item["role"]), ...contentOf(item["content"], note) };
}

function callsOf(item: JsonRecord, note: Note): readonly MessageDraft[] {
  return toolCalls([{ id: item["call_id"], name: item["name"], arguments: item["arguments"] }], note);
}

/** All items of the output are one turn of the assistant. */
function outputOf(record: JsonRecord, note: Note): MessageDraft {
  const items = listOf(record["output"]).map(recordOf);
  const texts = items.filter(({ type }) => type === "message").map(({ content }) => contentOf(content, note));
  const other = items.filter(
    ({ type }) => type !== "message" && type !== "function_call" && type !== "reasoning",
  );
  if (other.length > 0)
    note("output[].type", "an item that is neither message nor function call, kept in parts");
  return {
    role: "assistant",
    content: texts.length === 0 ? null : texts.map(({ content }) => content ?? "").join("\n"),
    parts: items,
    tool_calls: items.filter(({ type }) => type === "function_call").flatMap((item) => callsOf(item, note)),
  };
}

function reasoningOf(record: JsonRecord): string | null {
  const texts = listOf(record["output"])
    .map(recordOf)
    .filter(({ type }) => type === "reasoning")
    .flatMap(({ summary }) => listOf(summary))
    .map((part) => textOf(recordOf(part)["text"]))
    .filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join("\n");
}
