import { chatChoices, chatMessages, paramsOf, usageOf } from "./chat.ts";
import { inputOf, instructionsOf, openaiResponses } from "./openai-responses.ts";
import { chatPaths, usagePaths } from "./declared.ts";
import type { Format } from "./format.ts";
import { has, idOf, isRecord, listOf, numberOf, recordOf, textOf } from "./format.ts";

/**
 * Lines of OpenAI's batch files: requests, outputs and errors, of chat completions and of responses.
 * An output does not repeat its request: the catalog joins the two on `custom_id` (the trace),
 * whichever file came first (catalog/sql/split-calls.sql).
 */
export const openaiBatch: Format = {
  name: "openai-batch",
  version: 2,
  texts: "moved",
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
            model_requested: textOf(body["model"]),
            params: paramsOf(body, ["messages", "input", "instructions", "tools", "model"]),
            tools: listOf(body["tools"]).length > 0 ? body["tools"] : null,
            system: instructionsOf(body["instructions"]),
            messages:
              body["messages"] === undefined
                ? inputOf(body["input"], note)
                : chatMessages(body["messages"], note),
          },
        ],
      };
    }
    const response = recordOf(record["response"]);
    const body = recordOf(response["body"]);
    if (openaiResponses.matches(body))
      return {
        interactions: openaiResponses.map(body, note).interactions.map((row) => ({ ...row, ...shared })),
      };
    const error = recordOf(record["error"] ?? body["error"]);
    const failed = record["response"] === null || (numberOf(response["status_code"]) ?? 200) >= 400;
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
    ...Object.fromEntries(
      Object.entries(openaiResponses.fields).map(([path, verdict]) => [`response.body.${path}`, verdict]),
    ),
    id: "extra",
    custom_id: "mapped",
    method: "dropped because every request is a POST",
    url: "extra",
    body: "mapped",
    error: "mapped",
    "response.status_code": "extra",
    "response.request_id": "extra",
    "response.body.id": "mapped",
    "response.body.created": "mapped",
    "response.body.model": "mapped",
    "response.body.error": "mapped",
    "response.body.choices[].finish_reason": "mapped",
    "response.body.choices[].index": "dropped because the order of output says it",
    "response.body.choices[].logprobs": "extra",
    "response.body.object": "dropped because the format says it",
    ...usagePaths("response.body.usage"),
    "response.body.system_fingerprint": "extra",
    "response.body.service_tier": "extra",
    ...chatPaths("body.messages[]"),
    ...chatPaths("response.body.choices[].message"),
  },
};
