import type { JsonRecord } from "../parse.ts";
import { toolResults, toolUses } from "./anthropic.ts";
import type { Note } from "./format.ts";
import { MapRefusal, isRecord, jsonOf, listOf, recordOf, textOf } from "./format.ts";
import type { MessageDraft } from "./message.ts";
import { contentOf, joined, roleOf, thoughtOf } from "./message.ts";

/** Messages as OpenAI's chat API and most tools write them, and Anthropic's. */
export function chatMessages(value: unknown, note: Note): MessageDraft[] {
  const found: MessageDraft[] = [];
  for (const message of listOf(value)) {
    if (!isRecord(message)) throw new MapRefusal("wrong_shape", "a message that is not an object");
    // Most contents are a text: calls and answers are parts of a list.
    const turns = Array.isArray(message["content"]) ? toolResults(message) : null;
    if (turns === null) found.push(chatMessage(message, note));
    else found.push(...turns.map((turn) => chatMessage(turn, note)));
  }
  return found;
}

export function chatMessage(message: JsonRecord, note: Note): MessageDraft {
  const { content, parts } = contentOf(message["content"], note);
  return {
    role: roleOf(message["role"]),
    content: content ?? textOf(message["refusal"]) ?? transcriptOf(message["audio"]),
    parts: message["parts"] ?? parts,
    // Ollama and Inspect name the tool that a message answers for in ways of their own.
    name: textOf(message["name"]) ?? textOf(message["tool_name"]) ?? textOf(message["function"]),
    tool_calls: callsOf(message, note),
    tool_call_id: textOf(message["tool_call_id"]),
  };
}

const transcriptOf = (audio: unknown): string | null =>
  isRecord(audio) ? textOf(audio["transcript"]) : null;

/** Calls as they are written now, as `function_call` was, one and without an id, and as parts of Anthropic's. */
function callsOf(message: JsonRecord, note: Note): readonly MessageDraft[] {
  const { tool_calls: calls, function_call: old, content } = message;
  const found = toolCalls(calls, note);
  if (!isRecord(old) && !Array.isArray(content)) return found;
  return [...found, ...(isRecord(old) ? toolCalls([{ function: old }], note) : []), ...toolUses(content)];
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
    // Completions without a chat have a text in its place.
    const message = isRecord(record["message"]) ? record["message"] : { content: record["text"] };
    const role = message["role"] === undefined ? { ...message, role: "assistant" } : message;
    return {
      ...chatMessage(role, note),
      finish_reason: textOf(record["finish_reason"] ?? record["stop_reason"]),
    };
  });
  if (choices.length > 1) note("choices[]", "more than one choice: each is an element of output");
  return choices;
}

/** What the model thought, of all choices. */
export function chatReasoning(choices: unknown): string | null {
  return joined(listOf(choices).map((choice) => thoughtOf(recordOf(choice)["message"])));
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
    cached_tokens: input["cached_tokens"] ?? usage["prompt_cache_hit_tokens"] ?? null,
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
