import { requestOf, responseOf } from "./bodies.ts";
import { answerPaths, chatPaths, paths, usagePaths } from "./declared.ts";
import type { Fields, Format } from "./format.ts";
import { has, isRecord, recordOf, textOf } from "./format.ts";

/** What a completion says of itself, below `prefix`. */
const completionPaths = (prefix: string): Fields =>
  Object.fromEntries(
    Object.entries({
      ...paths("mapped", "id created model choices[].finish_reason choices[].text"),
      ...paths("extra", "choices[].logprobs service_tier system_fingerprint request_id"),
      ...answerPaths("choices[].message"),
      ...usagePaths("usage"),
      "choices[].index": "dropped because the order of output says it" as const,
      object: "dropped because the format says it" as const,
    }).map(([path, verdict]) => [`${prefix}${path}`, verdict]),
  );

/**
 * Chat completions of OpenAI and of those who speak like it: request and response, one pair a record,
 * or a completion alone, as `/v1/chat/completions` lists stored ones, with its messages where somebody
 * has put them in. After openai/openai-python, src/openai/types/chat.
 */
export const openaiChat: Format = {
  name: "openai-chat",
  version: 3,
  matches: (record) =>
    isRecord(record["response"])
      ? isRecord(record["request"]) &&
        has(record["request"], "messages") &&
        has(record["response"], "choices")
      : record["object"] === "chat.completion" && Array.isArray(record["choices"]),
  map: (record, note) => {
    const isPair = isRecord(record["response"]);
    const response = isPair ? recordOf(record["response"]) : record;
    const asked = requestOf(
      isPair ? recordOf(record["request"]) : { ...record, choices: null, usage: null },
      note,
    );
    return {
      interactions: [
        {
          ...asked,
          ...(isPair ? {} : { params: null, model_requested: null, metadata: record["metadata"] ?? null }),
          source_id: textOf(response["id"]),
          ended_at: response["created"] ?? null,
          provider: "openai",
          model_served: textOf(response["model"]),
          ...responseOf(response, note),
        },
      ],
    };
  },
  fields: {
    request: "mapped",
    ...chatPaths("request.messages[]"),
    ...completionPaths("response."),
    ...completionPaths(""),
    ...chatPaths("messages[]"),
    ...paths("mapped", "messages tools user metadata"),
    ...paths(
      "extra",
      "temperature top_p presence_penalty frequency_penalty seed response_format tool_choice input_user",
    ),
  },
};
