import { requestOf, responseOf } from "./bodies.ts";
import { answerPaths, chatPaths, paths } from "./declared.ts";
import type { Format } from "./format.ts";
import { MapRefusal, countOf, has, isRecord, numberOf, recordOf, textOf } from "./format.ts";
import { answeredPaths, askedPaths } from "./openai-responses.ts";

/** Helicone's request rows. A body may be elsewhere (a signed URL): it is never fetched. */
export const helicone: Format = {
  name: "helicone",
  version: 4,
  matches: (record) => has(record, "request_id", "request_body", "response_body"),
  unfolds: "request_body response_body request_properties".split(" "),
  map: (record, note) => {
    const [request, response] = [record["request_body"], record["response_body"]];
    if (!isRecord(request) || !isRecord(response))
      throw new MapRefusal("body_elsewhere", "request or response is not in the record");
    const status = numberOf(record["response_status"]) ?? 200;
    const error = recordOf(response["error"]);
    const cost = numberOf(record["costUSD"]);
    const [question, answer] = [requestOf(request, note), responseOf(response, note)];
    const rating = record["feedback_rating"];
    return {
      interactions: [
        {
          ...question,
          ...answer,
          source_id: textOf(record["request_id"]),
          conversation_id: textOf(recordOf(record["request_properties"])["Helicone-Session-Id"]),
          user_key: textOf(record["request_user_id"]) ?? question.user_key ?? null,
          started_at: textOf(record["request_created_at"]),
          ended_at: textOf(record["response_created_at"]),
          provider: providerOf(record["provider"]),
          model_requested: textOf(record["request_model"]),
          model_served: textOf(record["response_model"]),
          // Below zero are calls that never ended: timed out, pending, cancelled.
          status: status >= 400 ? "error" : status < 0 ? "cut" : (answer.status ?? "ok"),
          error:
            status < 400
              ? (answer.error ?? null)
              : { code: String(status), message: textOf(error["message"]) },
          input_tokens: countOf(record["prompt_tokens"]),
          output_tokens: countOf(record["completion_tokens"]),
          cached_tokens: countOf(record["prompt_cache_read_tokens"]) ?? answer.cached_tokens ?? null,
          latency_ms: numberOf(record["delay_ms"]),
          ttft_ms: numberOf(record["time_to_first_token"]),
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          feedback:
            typeof rating === "boolean"
              ? [{ kind: "thumb", raw: rating, occurred_at: textOf(record["feedback_created_at"]) }]
              : [],
          metadata: record["request_properties"] ?? null,
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "request_id request_created_at response_created_at request_model response_model request_user_id request_properties provider prompt_tokens completion_tokens delay_ms time_to_first_token costUSD feedback_rating feedback_created_at prompt_cache_read_tokens request_body",
    ),
    "response_body.choices": "mapped",
    "response_body.error": "mapped",
    ...paths("mapped", "response_body.role response_body.content response_body.stop_reason"),
    "request_body.model": "extra",
    ...paths(
      "extra",
      "response_status response_id request_path scores model_override helicone_user prompt_cache_write_tokens prompt_id feedback_id signed_body_url llmSchema country_code asset_ids asset_urls properties assets target_url model",
    ),
    total_tokens: "dropped because it is the sum of two others",
    ...chatPaths("request_body.messages[]"),
    ...answerPaths("response_body.choices[].message"),
    ...askedPaths("request_body.input[]"),
    ...answeredPaths("response_body.output[]"),
  },
};

/** Helicone writes its providers in capitals: `OPENAI`. */
function providerOf(value: unknown): string | null {
  const name = textOf(value);
  return name !== null && /^[\w-]{1,32}$/.test(name) ? name.toLowerCase() : name;
}
