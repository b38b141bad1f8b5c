import type { ChatRequest as OllamaRequest, Tool } from "ollama";
import { parseReply } from "./body.ts";
import type { Content, Parts, Protocol } from "./chat-client.ts";
import type { ChatRequest, ToolCall } from "./client.ts";
import { EndpointError } from "./error.ts";
import { countOr, listOf, record, textOr, type Json } from "./json.ts";
import { refuseError } from "./openai-reply.ts";

/** Ollama cuts a prompt that is longer than its context without a word, so the size is always sent. */
const DEFAULT_CONTEXT_TOKENS = 4096;

/** What Ollama speaks: one JSON object a line, and `done` in the last. */
export const OLLAMA: Protocol = {
  chatPath: "/api/chat",
  modelsPath: "/api/tags",
  bodyOf,
  readWhole: (reply, origin) => {
    const parts = new OllamaParts(origin);
    parts.add(reply);
    return parts.reply();
  },
  startParts: (origin) => new OllamaParts(origin),
  modelsOf: ({ models }) =>
    Array.isArray(models)
      ? listOf(models).map((model) => String(record(model)?.["model"] ?? record(model)?.["name"]))
      : null,
};

/** Typed by the official client, so that a field it does not know is not sent. */
function bodyOf(request: ChatRequest, stream: boolean): OllamaRequest {
  const options = {
    num_ctx: request.contextTokens ?? DEFAULT_CONTEXT_TOKENS,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.maxTokens === undefined ? {} : { num_predict: request.maxTokens }),
    ...(request.stop === undefined ? {} : { stop: [...request.stop] }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  };
  return {
    model: request.model,
    messages: request.messages.map(({ role, content, toolCalls }) => ({
      role,
      content,
      ...(toolCalls === undefined || toolCalls.length === 0
        ? {}
        : {
            tool_calls: toolCalls.map((call) => ({
              function: { name: call.name, arguments: objectOf(call.argumentsText) },
            })),
          }),
    })),
    options,
    stream,
    ...(request.json === true ? { format: "json" } : {}),
    ...(request.jsonSchema === undefined ? {} : { format: request.jsonSchema }),
    ...(request.tools === undefined
      ? {}
      : {
          tools: request.tools.map((tool) => ({ type: "function", function: tool }) as Tool),
        }),
  };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return { ...record(JSON.parse(text)) };
  } catch {
    return {};
  }
}

/** Gathers the lines of a reply; only a line that says `done` makes them one. */
class OllamaParts implements Parts {
  private readonly origin: string;
  private readonly calls: ToolCall[] = [];
  private text: string | null = null;
  private last: Json = {};

  constructor(origin: string) {
    this.origin = origin;
  }

  take(line: string): "content" | "end" | "other" {
    return line.trim() === "" ? "other" : this.add(parseReply(line, this.origin));
  }

  add(event: Json): "content" | "end" | "other" {
    refuseError(event, this.origin);
    const message = record(event["message"]);
    const piece = textOr(message?.["content"], null);
    if (piece !== null) this.text = (this.text ?? "") + piece;
    this.calls.push(...listOf(message?.["tool_calls"]).map(toolCall));
    this.last = event;
    if (event["done"] === true) return "end";
    return (piece ?? "") === "" ? "other" : "content";
  }

  reply(): Content {
    const { text, last, origin } = this;
    if (last["done"] !== true)
      throw new EndpointError({ kind: "bad-reply", origin, what: "the reply ended before it was done" });
    if (text === null)
      throw new EndpointError({ kind: "bad-reply", origin, what: "the reply holds no message" });
    return {
      text,
      toolCalls: this.calls,
      finishReason: textOr(last["done_reason"], null),
      usage: {
        inputTokens: countOr(last["prompt_eval_count"]),
        // Ollama does not say how much of the prompt came from its cache.
        cachedTokens: null,
        outputTokens: countOr(last["eval_count"]),
      },
      servedModel: textOr(last["model"], null),
      fingerprint: textOr(last["system_fingerprint"], null),
    };
  }
}

function toolCall(call: unknown): ToolCall {
  const called = record(record(call)?.["function"]);
  return {
    id: null,
    name: textOr(called?.["name"], "") ?? "",
    argumentsText: JSON.stringify(called?.["arguments"] ?? {}),
  };
}
