import { chatChoices, chatMessages, paramsOf, usageOf } from "./chat.ts";
import { chatPaths } from "./declared.ts";
import type { Format } from "./format.ts";
import { has, isRecord, listOf, recordOf, textOf } from "./format.ts";

/** Request and response of OpenAI's chat completions, one pair a record. */
export const openaiChat: Format = {
  name: "openai-chat",
  version: 2,
  texts: "moved",
  matches: ({ request, response }) =>
    isRecord(request) && has(request, "messages") && isRecord(response) && has(response, "choices"),
  map: (record, note) => {
    const request = recordOf(record["request"]);
    const response = recordOf(record["response"]);
    const output = chatChoices(response["choices"], note);
    return {
      interactions: [
        {
          source_id: textOf(response["id"]),
          user_key: textOf(request["user"]),
          ended_at: response["created"] ?? null,
          provider: "openai",
          model_requested: textOf(request["model"]),
          model_served: textOf(response["model"]),
          params: paramsOf(request, ["messages", "tools", "model", "user"]),
          tools: listOf(request["tools"]).length > 0 ? request["tools"] : null,
          messages: chatMessages(request["messages"], note),
          output,
          status: output.some((choice) => choice["finish_reason"] === "length") ? "cut" : "ok",
          ...usageOf(response["usage"]),
        },
      ],
    };
  },
  fields: {
    request: "mapped",
    "response.id": "mapped",
    "response.created": "mapped",
    "response.model": "mapped",
    "response.choices[].finish_reason": "mapped",
    "response.choices[].index": "dropped because the order of output says it",
    "response.choices[].logprobs": "extra",
    "response.object": "dropped because the format says it",
    "response.usage.prompt_tokens": "mapped",
    "response.usage.completion_tokens": "mapped",
    "response.usage.total_tokens": "dropped because it is the sum of two others",
    "response.usage.prompt_tokens_details.cached_tokens": "mapped",
    "response.usage.completion_tokens_details.reasoning_tokens": "mapped",
    "response.usage.prompt_tokens_details": "extra",
    "response.usage.completion_tokens_details": "extra",
    "response.service_tier": "extra",
    "response.system_fingerprint": "extra",
    ...chatPaths("request.messages[]"),
    ...chatPaths("response.choices[].message"),
  },
};
