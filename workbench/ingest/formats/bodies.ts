import type { JsonRecord } from "../parse.ts";
import { anthropicOutput, anthropicUsage } from "./anthropic.ts";
import { chatChoices, chatMessages, chatReasoning, paramsOf, usageOf } from "./chat.ts";
import type { InteractionDraft, Note } from "./format.ts";
import { freeTurn, isRecord, listOf, recordOf, textOf } from "./format.ts";
import type { MessageDraft } from "./message.ts";
import { contentOf, thoughtOf } from "./message.ts";
import { responsesAnswer } from "./openai-responses.ts";
import { inputOf } from "./responses-items.ts";

// Bodies of requests and responses as gateways log them, whichever API they are of: OpenAI's chat completions,
// completions and responses, and Anthropic's messages.

const TAKEN = "messages input prompt instructions system tools model user".split(" ");

/** What a request asks. */
export function requestOf(body: JsonRecord, note: Note): InteractionDraft {
  const hasItems = Array.isArray(body["instructions"]);
  return {
    user_key: textOf(body["user"]) ?? textOf(recordOf(body["metadata"])["user_id"]),
    model_requested: textOf(body["model"]),
    params: paramsOf(body, TAKEN),
    system: contentOf(body["system"] ?? (hasItems ? null : body["instructions"]), note).content,
    tools: listOf(body["tools"]).length > 0 ? body["tools"] : null,
    messages: [...(hasItems ? inputOf(body["instructions"], note) : []), ...askedOf(body, note)],
  };
}

function askedOf({ messages, input, prompt }: JsonRecord, note: Note): readonly MessageDraft[] {
  if (messages !== undefined) return chatMessages(messages, note);
  if (input !== undefined) return inputOf(input, note);
  return [prompt].flat().flatMap((one) => freeTurn("user", one));
}

/** Reasons to stop that leave an answer unfinished. */
const CUT = new Set<unknown>(["length", "max_tokens", "content_filter"]);

/** What a response answers, what it took and whether it came to its end. */
export function responseOf(body: JsonRecord, note: Note): InteractionDraft {
  if (Array.isArray(body["output"])) return responsesAnswer(body, note);
  const isAnthropic = Array.isArray(body["content"]);
  const output = isAnthropic ? anthropicOutput(body, note) : chatChoices(body["choices"], note);
  return {
    output,
    reasoning: isAnthropic ? thoughtOf(body) : chatReasoning(body["choices"]),
    status: output.some((choice) => CUT.has(choice["finish_reason"])) ? "cut" : "ok",
    ...(isAnthropic ? anthropicUsage(body["usage"]) : usageOf(body["usage"])),
  };
}

/** Whether a body is a response at all. */
export const isResponse = (body: unknown): body is JsonRecord =>
  isRecord(body) && ["choices", "output", "content"].some((name) => Array.isArray(body[name]));
