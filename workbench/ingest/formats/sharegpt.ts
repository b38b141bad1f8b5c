import { splitConversation } from "./chat.ts";
import { roleOf } from "./message.ts";
import type { MessageDraft } from "./message.ts";
import type { Format, Note } from "./format.ts";
import { MapRefusal, has, idOf, isRecord, jsonOf, listOf, recordOf, textOf } from "./format.ts";

// Tools name the speakers differently; a name that is not here is refused, not guessed.
const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
  system: "system",
  tool: "tool",
  observation: "tool",
  function_response: "tool",
  function_call: "assistant",
};

/** ShareGPT conversations, with `chosen` and `rejected` for preferences. */
export const sharegpt: Format = {
  name: "sharegpt",
  version: 1,
  matches: (record) =>
    Array.isArray(record["conversations"]) &&
    listOf(record["conversations"]).every((turn) => isRecord(turn) && has(turn, "from", "value")),
  map: (record, note) => {
    const turns = listOf(record["conversations"]).map((turn) => turnOf(turn, note));
    const { messages, output } = has(record, "chosen")
      ? { messages: turns, output: [turnOf(record["chosen"], note)] }
      : splitConversation(turns);
    const rejected = isRecord(record["rejected"]) ? turnOf(record["rejected"], note) : null;
    return {
      interactions: [
        {
          source_id: idOf(record["id"]),
          system: textOf(record["system"]),
          tools: toolsOf(jsonOf(record["tools"], "tools", note)),
          messages: withoutSystem(messages, textOf(record["system"])),
          output,
          feedback:
            rejected === null
              ? []
              : [{ kind: "preference", value: 1, raw: rejected["content"], reason: "chosen over raw" }],
          tags: ["external"],
        },
      ],
    };
  },
  fields: {
    id: "mapped",
    conversations: "mapped",
    system: "mapped",
    tools: "mapped",
    chosen: "mapped",
    rejected: "mapped",
  },
};

function turnOf(value: unknown, note: Note): MessageDraft {
  const { from, value: text } = recordOf(value);
  if (typeof text !== "string") throw new MapRefusal("wrong_shape", "a turn whose value is not text");
  const role = roleOf(from, ROLES);
  if (from !== "function_call") return { role, content: text };
  const call = jsonOf(text, "conversations[].value", note);
  const name = textOf(recordOf(call)["name"]);
  return name === null
    ? { role, content: text }
    : { role, tool_calls: [{ id: null, name, arguments: recordOf(call)["arguments"] ?? null }] };
}

const toolsOf = (value: unknown): unknown => (listOf(value).length > 0 ? value : null);

/** The system prompt is often written twice: as a member and as the first turn. */
function withoutSystem(messages: readonly MessageDraft[], system: string | null): readonly MessageDraft[] {
  const [first, ...rest] = messages;
  return first?.["role"] === "system" && first["content"] === system ? rest : messages;
}
