import type { JsonRecord } from "../parse.ts";
import type { Note } from "./format.ts";
import { isRecord, listOf, numberOf, recordOf, textOf } from "./format.ts";
import type { MessageDraft } from "./message.ts";
import { contentOf, roleOf } from "./message.ts";

// Messages of Anthropic's API (anthropic-sdk-python, types/message.py and content_block.py): a list of parts holds
// texts, thoughts, calls of tools and, in a turn of the user, what the tools gave.

const partsOf = (content: unknown): readonly JsonRecord[] => listOf(content).filter(isRecord);

/** The parts that call a tool, as canonical calls. */
export function toolUses(content: unknown): readonly MessageDraft[] {
  return partsOf(content)
    .filter(({ type }) => type === "tool_use")
    .map(({ id, name, input }) => ({ id: textOf(id), name, arguments: input ?? null }));
}

/** What tools gave is a message each, and the rest of the turn one after them; null when no tool gave anything. */
export function toolResults(message: JsonRecord): readonly JsonRecord[] | null {
  const parts = partsOf(message["content"]);
  const results = parts.filter(({ type }) => type === "tool_result");
  if (results.length === 0) return null;
  const rest = parts.filter((part) => !results.includes(part));
  return [
    ...results.map((part) => ({
      role: "tool",
      content: part["content"],
      tool_call_id: part["tool_use_id"],
      ...(Object.keys(part).some((name) => !SAID.has(name)) ? { parts: part } : {}),
    })),
    ...(rest.length > 0 ? [{ ...message, content: rest }] : []),
  ];
}
const SAID = new Set(["type", "tool_use_id", "content"]);

/** A message as a canonical output: text and calls are parts of one list. */
export function anthropicOutput(body: JsonRecord, note: Note): MessageDraft[] {
  const parts = partsOf(body["content"]);
  if (parts.length === 0) return [];
  const others = parts.filter(({ type }) => type !== "tool_use");
  return [
    {
      role: roleOf(body["role"] ?? "assistant"),
      content: contentOf(others, note).content,
      parts: others.some(({ type }) => type !== "text") ? parts : null,
      tool_calls: toolUses(parts),
      finish_reason: textOf(body["stop_reason"]),
    },
  ];
}

/** Token counts: what was read from and written to the cache is no part of Anthropic's `input_tokens`, but of ours. */
export function anthropicUsage(value: unknown): Readonly<Record<string, unknown>> {
  const usage = recordOf(value);
  const read = numberOf(usage["cache_read_input_tokens"]);
  const input = numberOf(usage["input_tokens"]);
  return {
    input_tokens:
      input === null ? null : input + (read ?? 0) + (numberOf(usage["cache_creation_input_tokens"]) ?? 0),
    output_tokens: usage["output_tokens"] ?? null,
    cached_tokens: read,
  };
}
