import type { JsonRecord } from "../parse.ts";
import type { Note } from "./format.ts";
import { MapRefusal, isRecord, jsonOf, listOf, recordOf, textOf } from "./format.ts";

/** A canonical message, its missing members absent. */
export type MessageDraft = Readonly<Record<string, unknown>>;

/** `text`, `input_text`, `output_text` and their like. */
const TEXT_PART = /^(?:[a-z_]{0,20}_)?text$/;

const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function"]);

/** A canonical role, or a refusal: a turn whose speaker is unknown would be trained on as another's. */
export function roleOf(role: unknown, names: Readonly<Record<string, string>> = {}): string {
  const known = typeof role === "string" ? (Object.hasOwn(names, role) ? names[role] : role) : undefined;
  if (known !== undefined && ROLES.has(known))
    return known === "developer" ? "system" : known === "function" ? "tool" : known;
  throw new MapRefusal(
    "unknown_role",
    typeof role === "string" ? "a role that is not known" : "a message without a role",
  );
}

/** Messages as OpenAI's chat API and most tools write them. */
export function chatMessages(value: unknown, note: Note): MessageDraft[] {
  return listOf(value).map((message) => {
    if (!isRecord(message)) throw new MapRefusal("wrong_shape", "a message that is not an object");
    return chatMessage(message, note);
  });
}

export function chatMessage(message: JsonRecord, note: Note): MessageDraft {
  const { content, parts } = contentOf(message["content"], note);
  return {
    role: roleOf(message["role"]),
    content: content ?? textOf(message["refusal"]),
    parts,
    // Ollama and Inspect name the tool that a message answers for in ways of their own.
    name: textOf(message["name"]) ?? textOf(message["tool_name"]) ?? textOf(message["function"]),
    tool_calls: toolCalls(message["tool_calls"], note),
    tool_call_id: textOf(message["tool_call_id"]),
  };
}

/** Text, or a list of parts: the text of the parts is the content, the list is kept beside it. */
export function contentOf(value: unknown, note: Note): { content: string | null; parts: unknown } {
  if (value === null || value === undefined) return { content: null, parts: null };
  if (typeof value === "string") return { content: value, parts: null };
  if (!Array.isArray(value)) return { content: null, parts: value };
  const texts = value.map((part) => {
    if (typeof part === "string") return part;
    const { type, text, content } = recordOf(part);
    if (type === undefined || (typeof type === "string" && TEXT_PART.test(type)))
      return textOf(text) ?? textOf(content);
    note("content[]", "a part that is not text, kept in parts");
    return null;
  });
  const found = texts.filter((text) => text !== null);
  return { content: found.length > 0 ? found.join("\n") : null, parts: value };
}

/** Tool calls in OpenAI's form; arguments that are JSON text become JSON. */
export function toolCalls(value: unknown, note: Note): readonly MessageDraft[] {
  return listOf(value).map((call) => {
    const outer = recordOf(call);
    const inner = [outer["function"], outer["custom"]].find(isRecord) ?? outer;
    const name = textOf(inner["name"]) ?? textOf(outer["function"]);
    if (name === null) throw new MapRefusal("wrong_shape", "a tool call without a name");
    return {
      id: textOf(outer["id"]),
      name,
      // What a custom tool gets is any text, also one that happens to be JSON.
      arguments: isRecord(outer["custom"])
        ? (inner["input"] ?? null)
        : jsonOf(inner["arguments"], "tool_calls[].arguments", note),
    };
  });
}

/** `choices[]` of a chat completion as canonical outputs. */
export function chatChoices(value: unknown, note: Note): MessageDraft[] {
  const choices = listOf(value).map((choice) => {
    const record = recordOf(choice);
    const message = recordOf(record["message"]);
    const role = message["role"] === undefined ? { ...message, role: "assistant" } : message;
    return {
      ...chatMessage(role, note),
      finish_reason: textOf(record["finish_reason"] ?? record["stop_reason"]),
    };
  });
  if (choices.length > 1) note("choices[]", "more than one choice: each is an element of output");
  return choices;
}

/** A message of Anthropic's API as a canonical output: text and calls are parts of one list. */
export function anthropicOutput(body: JsonRecord, note: Note): MessageDraft[] {
  const parts = listOf(body["content"]).map(recordOf);
  if (parts.length === 0) return [];
  const calls = parts.filter(({ type }) => type === "tool_use");
  const others = parts.filter(({ type }) => type !== "tool_use");
  const { content } = contentOf(others, note);
  return [
    {
      role: roleOf(body["role"] ?? "assistant"),
      content,
      parts: others.some(({ type }) => type !== "text") ? parts : null,
      tool_calls: calls.map(({ id, name, input }) => ({ id: textOf(id), name, arguments: input ?? null })),
      finish_reason: textOf(body["stop_reason"]),
    },
  ];
}

/** A whole conversation: what leads up to it, and the last turn if the assistant has it. */
export function splitConversation(messages: readonly MessageDraft[]): {
  readonly messages: readonly MessageDraft[];
  readonly output: readonly MessageDraft[];
} {
  const last = messages.at(-1);
  return last?.["role"] === "assistant"
    ? { messages: messages.slice(0, -1), output: [last] }
    : { messages, output: [] };
}

/** Token counts as OpenAI's APIs name them, old names and new. */
export function usageOf(value: unknown): Readonly<Record<string, unknown>> {
  const usage = recordOf(value);
  const input = recordOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
  const output = recordOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
  return {
    input_tokens: usage["prompt_tokens"] ?? usage["input_tokens"] ?? null,
    output_tokens: usage["completion_tokens"] ?? usage["output_tokens"] ?? null,
    cached_tokens: input["cached_tokens"] ?? null,
    reasoning_tokens: output["reasoning_tokens"] ?? null,
  };
}

/** The members of a request that are parameters of the model. */
export function paramsOf(
  request: JsonRecord,
  without: readonly string[],
): Readonly<Record<string, unknown>> | null {
  const params = Object.entries(request).filter(([name, value]) => !without.includes(name) && value !== null);
  return params.length === 0 ? null : Object.fromEntries(params);
}
