import type { JsonRecord } from "../parse.ts";
import { chatMessages } from "./chat.ts";
import { answerPaths, paths } from "./declared.ts";
import type { Fields, Note } from "./format.ts";
import { has, isRecord, listOf, lookUp, recordOf, textOf } from "./format.ts";
import type { MessageDraft } from "./message.ts";

// Messages of LangChain as it serialises them (langchain-ai/langchain, langchain_core/messages and load/dump.py):
// `{lc, type: "constructor", id: […, "AIMessage"], kwargs}`, `{type: "ai", data}`, or `{type: "ai", content, …}`.

const LC_ROLES: Readonly<Record<string, string>> = {
  HumanMessage: "user",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  HumanMessageChunk: "user",
  SystemMessageChunk: "system",
  ToolMessageChunk: "tool",
  FunctionMessage: "tool",
  SystemMessage: "system",
  ToolMessage: "tool",
  ChatMessage: "user",
  human: "user",
  ai: "assistant",
  system: "system",
  tool: "tool",
  function: "tool",
};

export const isMessage = (value: unknown): value is JsonRecord =>
  isRecord(value) && ["role", "kwargs", "data", "content"].some((name) => has(value, name));

/** Messages as chat messages; a batch of one is `[[…]]`. */
export function plainMessages(value: unknown): readonly JsonRecord[] {
  const list = listOf(value);
  return (list.length === 1 && Array.isArray(list[0]) ? list[0] : list).map((message) =>
    plain(recordOf(message)),
  );
}

/** LangChain's serialised message as a chat message; others stay as they are. */
export function plain(message: JsonRecord): JsonRecord {
  const kwargs = message["kwargs"];
  const inner = isRecord(kwargs) ? kwargs : isRecord(message["data"]) ? message["data"] : null;
  if (inner === null && (typeof message["type"] !== "string" || has(message, "role"))) return message;
  const fields = inner ?? message;
  const kind =
    inner === null ? message["type"] : (listOf(message["id"]).at(-1) ?? fields["type"] ?? message["type"]);
  const more = recordOf(fields["additional_kwargs"]);
  const calls = listOf(fields["tool_calls"]).map(callOf);
  return {
    role: lookUp(LC_ROLES, kind),
    content: fields["content"],
    name: fields["name"],
    tool_call_id: fields["tool_call_id"],
    tool_calls: calls.length > 0 ? calls : more["tool_calls"],
    function_call: more["function_call"],
    reasoning_content: more["reasoning_content"],
  };
}

/** LangChain names the arguments `args`, and they are JSON already. */
function callOf(call: unknown): JsonRecord {
  const { id, name, args, function: inner } = recordOf(call);
  return isRecord(inner) ? recordOf(call) : { id, function: { name, arguments: args } };
}

/** One of `generations`: a message, or the text of a completion. */
export function generationOf({ message, text, generation_info: info }: JsonRecord, note: Note): MessageDraft {
  const [turn] = isRecord(message)
    ? chatMessages([plain(message)], note)
    : [{ role: "assistant", content: textOf(text) }];
  const said = recordOf(recordOf(recordOf(message)["kwargs"])["response_metadata"]);
  return { ...turn, finish_reason: textOf(recordOf(info)["finish_reason"]) ?? textOf(said["finish_reason"]) };
}

/** Where the members of a message go, below `prefix`, whichever form it has. */
export function langchainPaths(prefix: string): Fields {
  const inside = (at: string): Fields => ({
    ...answerPaths(at),
    [`${at}.additional_kwargs.tool_calls`]: "mapped",
    ...paths(
      "extra",
      "additional_kwargs response_metadata usage_metadata id invalid_tool_calls example status artifact tool_call_chunks"
        .split(" ")
        .map((name) => `${at}.${name}`)
        .join(" "),
    ),
    [`${at}.type`]: "dropped because the role says it",
    [`${at}.tool_calls[].type`]: "dropped because function and custom calls are stored alike",
  });
  return {
    ...inside(prefix),
    ...inside(`${prefix}.kwargs`),
    ...inside(`${prefix}.data`),
    [`${prefix}.lc`]: "dropped because it is the version of the form",
    [`${prefix}.id`]: "extra",
  };
}
