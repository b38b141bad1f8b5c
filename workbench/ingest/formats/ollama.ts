import { chatMessage, chatMessages, paramsOf } from "./chat.ts";
import { chatPaths } from "./declared.ts";
import type { Format } from "./format.ts";
import { has, isRecord, listOf, numberOf, recordOf, textOf } from "./format.ts";

const milliseconds = (nanoseconds: unknown): number | null => {
  const value = numberOf(nanoseconds);
  return value === null ? null : value / 1e6;
};

/** Request and response of Ollama's /api/chat. It has no id and no thread: ids are made from content. */
export const ollama: Format = {
  name: "ollama-chat",
  version: 3,
  matches: ({ request, response }) =>
    isRecord(request) && has(request, "messages") && isRecord(response) && has(response, "message", "done"),
  map: (record, note) => {
    const request = recordOf(record["request"]);
    const response = recordOf(record["response"]);
    const message = recordOf(response["message"]);
    const prompt = milliseconds(response["prompt_eval_duration"]);
    const load = milliseconds(response["load_duration"]);
    return {
      interactions: [
        {
          ended_at: response["created_at"] ?? null,
          provider: "ollama",
          model_requested: textOf(request["model"]),
          model_served: textOf(response["model"]),
          params: paramsOf(request, ["messages", "tools", "model"]),
          tools: listOf(request["tools"]).length > 0 ? request["tools"] : null,
          messages: chatMessages(request["messages"], note),
          output: [{ ...chatMessage(message, note), finish_reason: textOf(response["done_reason"]) }],
          reasoning: textOf(message["thinking"]),
          status: response["done_reason"] === "length" ? "cut" : "ok",
          input_tokens: response["prompt_eval_count"] ?? null,
          output_tokens: response["eval_count"] ?? null,
          latency_ms: milliseconds(response["total_duration"]),
          ttft_ms: prompt === null ? null : prompt + (load ?? 0),
        },
      ],
    };
  },
  fields: {
    request: "mapped",
    "response.model": "mapped",
    "response.created_at": "mapped",
    "response.message.thinking": "mapped",
    "response.done_reason": "mapped",
    "response.done": "dropped because a logged response is done",
    "response.total_duration": "mapped",
    "response.load_duration": "extra",
    "response.prompt_eval_count": "mapped",
    "response.prompt_eval_duration": "extra",
    "response.eval_count": "mapped",
    "response.eval_duration": "extra",
    ...chatPaths("request.messages[]"),
    ...chatPaths("response.message"),
  },
};
