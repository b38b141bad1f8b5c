import type { Note } from "./format.ts";
import { MapRefusal, isRecord, recordOf, textOf } from "./format.ts";

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

/** Text, or a list of parts: the text of the parts is the content, the list is kept beside it. */
export function contentOf(value: unknown, note: Note): { content: string | null; parts: unknown } {
  if (value === null || value === undefined) return { content: null, parts: null };
  if (typeof value === "string") return { content: value, parts: null };
  if (!Array.isArray(value)) return { content: null, parts: value };
  const texts = value.map((part) => {
    if (typeof part === "string") return part;
    const { type, text, content, refusal } = recordOf(part);
    if (type === undefined || (typeof type === "string" && TEXT_PART.test(type)))
      return textOf(text) ?? textOf(content);
    if (type === "refusal") return textOf(refusal);
    if (!SAID_ELSEWHERE.has(type)) note("content[]", "a part that is not text, kept in parts");
    return null;
  });
  return { content: joined(texts), parts: value };
}

/** Parts of Anthropic's messages that are calls and answers of tools, and thoughts. */
const SAID_ELSEWHERE = new Set<unknown>(["tool_use", "tool_result", "thinking", "reasoning"]);

/** What the model thought before it answered, as the servers of open models, OpenRouter, Ollama and Anthropic write it. */
export function thoughtOf(message: unknown): string | null {
  const { reasoning_content, reasoning, thinking, content } = recordOf(message);
  const told = textOf(reasoning_content) ?? textOf(reasoning) ?? textOf(thinking);
  if (told !== null || !Array.isArray(content)) return told;
  const parts = content.filter(isRecord).map(({ type, thinking: thought, reasoning: reason, text }) => {
    if (type === "thinking") return textOf(thought);
    return type === "reasoning" ? (textOf(reason) ?? textOf(text)) : null;
  });
  return joined(parts);
}

/** The texts, a line each; null when there is none. */
export function joined(texts: readonly (string | null)[]): string | null {
  const found = texts.filter((text) => text !== null);
  return found.length > 0 ? found.join("\n") : null;
}
