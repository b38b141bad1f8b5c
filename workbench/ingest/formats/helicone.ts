import { chatChoices, chatMessages, paramsOf } from "./chat.ts";
import type { Format } from "./format.ts";
import {
  MapRefusal,
  has,
  isRecord,
  listOf,
  numberOf,
  recordOf,
  textOf,
  paths,
  chatPaths,
  unfolded,
} from "./format.ts";

/** Helicone's request rows. A body may be elsewhere (a signed URL): it is never fetched. */
export const helicone: Format = {
  name: "helicone",
  version: 2,
  matches: (record) => has(record, "request_id", "request_body", "response_body"),
  map: (raw, note) => {
    const record = unfolded(raw, "request_body response_body request_properties");
    const [request, response] = [record["request_body"], record["response_body"]];
    if (!isRecord(request) || !isRecord(response))
      throw new MapRefusal("body_elsewhere", "request or response is not in the record");
    const status = numberOf(record["response_status"]) ?? 200;
    const error = recordOf(response["error"]);
    const cost = numberOf(record["costUSD"]);
    const rating = record["feedback_rating"];
    return {
      interactions: [
        {
          source_id: textOf(record["request_id"]),
          conversation_id: textOf(recordOf(record["request_properties"])["Helicone-Session-Id"]),
          user_key: textOf(record["request_user_id"]),
          started_at: textOf(record["request_created_at"]),
          ended_at: textOf(record["response_created_at"]),
          provider: textOf(record["provider"])?.toLowerCase() ?? null,
          model_requested: textOf(record["request_model"]),
          model_served: textOf(record["response_model"]),
          params: paramsOf(request, ["messages", "tools", "model"]),
          tools: listOf(request["tools"]).length > 0 ? request["tools"] : null,
          messages: chatMessages(request["messages"], note),
          output: chatChoices(response["choices"], note),
          status: status >= 400 ? "error" : "ok",
          error: status >= 400 ? { code: String(status), message: textOf(error["message"]) } : null,
          input_tokens: record["prompt_tokens"] ?? null,
          output_tokens: record["completion_tokens"] ?? null,
          latency_ms: numberOf(record["delay_ms"]),
          ttft_ms: numberOf(record["time_to_first_token"]),
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          feedback: typeof rating === "boolean" ? [{ kind: "thumb", raw: rating }] : [],
          metadata: record["request_properties"] ?? null,
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "request_id request_created_at response_created_at request_model response_model request_user_id request_properties provider prompt_tokens completion_tokens delay_ms time_to_first_token costUSD feedback_rating request_body",
    ),
    "response_body.choices": "mapped",
    "response_body.error": "mapped",
    "request_body.model": "extra",
    response_status: "extra",
    response_id: "extra",
    request_path: "extra",
    scores: "extra",
    total_tokens: "dropped because it is the sum of two others",
    ...chatPaths("request_body.messages[]"),
    ...chatPaths("response_body.choices[].message"),
  },
};
