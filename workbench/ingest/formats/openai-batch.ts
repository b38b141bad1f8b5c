import type { JsonRecord } from "../parse.ts";
import { requestOf, responseOf } from "./bodies.ts";
import { answerPaths, chatPaths, usagePaths } from "./declared.ts";
import type { Format, InteractionDraft, Note } from "./format.ts";
import { has, idOf, isRecord, numberOf, recordOf, textOf } from "./format.ts";
import { askedPaths, openaiResponses } from "./openai-responses.ts";

/**
 * Lines of OpenAI's batch files: requests, outputs and errors, of chat completions and of responses.
 * An output does not repeat its request: the catalog joins the two on `custom_id` (the trace),
 * whichever file came first (catalog/sql/split-calls.sql).
 */
export const openaiBatch: Format = {
  name: "openai-batch",
  version: 3,
  matches: (record) =>
    has(record, "custom_id") && (has(record, "response", "error") || has(record, "method", "url", "body")),
  map: (record, note) => {
    const shared = { trace_id: idOf(record["custom_id"]), provider: "openai" };
    const row = isRecord(record["body"])
      ? { kind: "chain", ...requestOf(record["body"], note) }
      : answerOf(record, note);
    return { interactions: [{ ...row, ...shared }] };
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
    ...askedPaths("body.input[]"),
    error: "extra",
    "error.code": "mapped",
    "error.message": "mapped",
    "response.status_code": "extra",
    "response.request_id": "extra",
    "response.body.id": "mapped",
    "response.body.created": "mapped",
    "response.body.model": "mapped",
    "response.body.error": "extra",
    "response.body.error.code": "mapped",
    "response.body.error.message": "mapped",
    "response.body.data": "extra",
    "response.body.choices[].finish_reason": "mapped",
    "response.body.choices[].index": "dropped because the order of output says it",
    "response.body.choices[].logprobs": "extra",
    "response.body.object": "dropped because the format says it",
    ...usagePaths("response.body.usage"),
    "response.body.system_fingerprint": "extra",
    "response.body.service_tier": "extra",
    ...chatPaths("body.messages[]"),
    ...answerPaths("response.body.choices[].message"),
  },
};

/** A line of the output, or of the errors: what the server said, or why it did not come to that. */
function answerOf(record: JsonRecord, note: Note): InteractionDraft {
  const response = recordOf(record["response"]);
  const body = recordOf(response["body"]);
  if (openaiResponses.matches(body)) return openaiResponses.map(body, note).interactions[0] ?? {};
  const error = recordOf(record["error"] ?? body["error"]);
  const failed = record["response"] === null || (numberOf(response["status_code"]) ?? 200) >= 400;
  return {
    // A list is one of embeddings.
    kind: body["object"] === "list" ? "retriever" : "llm",
    source_id: textOf(body["id"]) ?? textOf(record["id"]),
    ended_at: body["created"] ?? null,
    model_served: textOf(body["model"]),
    ...responseOf(body, note),
    ...(failed ? { status: "error" } : {}),
    error: failed ? { code: idOf(error["code"]), message: textOf(error["message"]) } : null,
  };
}
