// `max_tokens` and `seed` are deprecated by one vendor; vLLM, llama.cpp and most others know nothing else.
/* eslint-disable @typescript-eslint/no-deprecated */
import type {
  ChatCompletionCreateParams,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions";
import type { FunctionDefinition } from "openai/resources/shared";
import type { Protocol } from "./chat-client.ts";
import type { ChatMessage, ChatRequest, ToolSpec } from "./client.ts";
import { listOf, record } from "./json.ts";
import { OpenAiParts, readCompletion } from "./openai-reply.ts";

/** What OpenAI, vLLM, llama.cpp's server and most hosted endpoints speak. */
export const OPENAI: Protocol = {
  chatPath: "/chat/completions",
  modelsPath: "/models",
  bodyOf,
  readWhole: readCompletion,
  startParts: (origin) => new OpenAiParts(origin),
  modelsOf: ({ data }) =>
    Array.isArray(data) ? listOf(data).map((model) => String(record(model)?.["id"])) : null,
};

/** Typed by the official client, so that a field it does not know is not sent. */
function bodyOf(request: ChatRequest, stream: boolean): ChatCompletionCreateParams {
  const { temperature, topP, maxTokens, stop, seed, tools } = request;
  return {
    model: request.model,
    messages: request.messages.map(messageOf),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(stop === undefined ? {} : { stop: [...stop] }),
    ...(seed === undefined ? {} : { seed }),
    ...(tools === undefined ? {} : { tools: tools.map(toolOf) }),
    ...formatOf(request),
    ...(stream ? { stream, stream_options: { include_usage: true } } : { stream }),
  };
}

/** The suite's own schema of arguments, whatever it says. */
function toolOf(tool: ToolSpec): ChatCompletionTool {
  return { type: "function", function: tool as FunctionDefinition };
}

function messageOf({ role, content, toolCalls, toolCallId }: ChatMessage): ChatCompletionMessageParam {
  if (role === "tool") return { role, content, tool_call_id: toolCallId ?? "" };
  if (role !== "assistant" || toolCalls === undefined || toolCalls.length === 0) return { role, content };
  const calls = toolCalls.map(({ id, name, argumentsText }) => ({
    id: id ?? "",
    type: "function" as const,
    function: { name, arguments: argumentsText },
  }));
  return { role, content, tool_calls: calls };
}

function formatOf({ json, jsonSchema }: ChatRequest): Pick<ChatCompletionCreateParams, "response_format"> {
  if (jsonSchema !== undefined) {
    const shape = { name: "answer", strict: true, schema: { ...jsonSchema } };
    return { response_format: { type: "json_schema", json_schema: shape } };
  }
  return json === true ? { response_format: { type: "json_object" } } : {};
}
