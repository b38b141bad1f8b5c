import { chatChoices, chatMessages, paramsOf, usageOf } from "./chat.ts";
import type { Format } from "./format.ts";
import { has, idOf, isRecord, listOf, recordOf, textOf, chatPaths } from "./format.ts";

/**
 * Lines of OpenAI's batch files, both sides. The output file does not repeat the request, so its rows
 * have no messages: import input and output, and join them on `custom_id` (the trace).
 */
export const openaiBatch: Format = {
  name: "openai-batch",
  version: 1,
  matches: (record) =>
    has(record, "custom_id") && (has(record, "response", "error") || has(record, "method", "url", "body")),
  map: (record, note) => {
    const shared = { trace_id: idOf(record["custom_id"]), provider: "openai" };
    if (isRecord(record["body"])) {
      const body = record["body"];
      return {
        interactions: [
          {
            ...shared,
            kind: "chain",
            source_id: `request:${String(record["custom_id"])}`,
            model_requested: textOf(body["model"]),
            params: paramsOf(body, ["messages", "tools", "model"]),
            tools: listOf(body["tools"]).length > 0 ? body["tools"] : null,
            messages: chatMessages(body["messages"], note),
          },
        ],
      };
    }
    const response = recordOf(record["response"]);
    const body = recordOf(response["body"]);
    const error = recordOf(record["error"] ?? body["error"]);
    const failed = record["response"] === null || Number(response["status_code"] ?? 200) >= 400;
    return {
      interactions: [
        {
          ...shared,
          source_id: textOf(body["id"]) ?? textOf(record["id"]),
          ended_at: body["created"] ?? null,
          model_served: textOf(body["model"]),
          output: chatChoices(body["choices"], note),
          status: failed ? "error" : "ok",
          error: failed ? { code: idOf(error["code"]), message: textOf(error["message"]) } : null,
          ...usageOf(body["usage"]),
        },
      ],
    };
  },
  fields: {
    id: "extra",
    custom_id: "mapped",
    method: "dropped because every request is a POST",
    url: "extra",
    body: "mapped",
    error: "mapped",
    "response.status_code": "mapped",
    "response.request_id": "extra",
    "response.body.id": "mapped",
    "response.body.created": "mapped",
    "response.body.model": "mapped",
    "response.body.error": "mapped",
    "response.body.choices[].finish_reason": "mapped",
    "response.body.choices[].index": "dropped because the order of output says it",
    "response.body.choices[].logprobs": "extra",
    "response.body.object": "dropped because the format says it",
    "response.body.usage": "mapped",
    "response.body.system_fingerprint": "extra",
    "response.body.service_tier": "extra",
    ...chatPaths("body.messages[]"),
    ...chatPaths("response.body.choices[].message"),
  },
};
