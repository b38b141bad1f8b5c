import type { Protocol } from "./chat-client.ts";
import type { ChatRequest } from "./client.ts";
import { listOf, record, type Json } from "./json.ts";
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

function bodyOf(request: ChatRequest, stream: boolean): Json {
  return {
    model: request.model,
    messages: request.messages.map(({ role, content, toolCalls, toolCallId }) => ({
      role,
      content,
      ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
      ...(toolCalls === undefined || toolCalls.length === 0
        ? {}
        : {
            tool_calls: toolCalls.map((call) => ({
              id: call.id ?? "",
              type: "function",
              function: { name: call.name, arguments: call.argumentsText },
            })),
          }),
    })),
    ...given("temperature", request.temperature),
    ...given("top_p", request.topP),
    ...given("max_tokens", request.maxTokens),
    ...given("stop", request.stop),
    ...given("seed", request.seed),
    ...given(
      "tools",
      request.tools?.map((tool) => ({ type: "function", function: tool })),
    ),
    ...(request.json === true ? { response_format: { type: "json_object" } } : {}),
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  };
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}
