import type { Protocol } from "./chat-client.ts";
import { EndpointError } from "./error.ts";
import { countOr, listOf, record, textOr, type Json } from "./json.ts";
import { OPENAI } from "./openai.ts";
import { refuseError } from "./openai-reply.ts";

/**
 * `/v1/embeddings` as a conversation: the text is the last message, the reply's text is the vector as
 * JSON. So an embedding is stored, retried, paid and counted like every other answer.
 */
export const EMBEDDINGS: Protocol = {
  ...OPENAI,
  chatPath: "/embeddings",
  bodyOf: ({ model, messages }) => ({
    model,
    input: messages.at(-1)?.content ?? "",
    encoding_format: "float",
  }),
  readWhole: (reply, origin) => {
    refuseError(reply, origin);
    const usage = record(reply["usage"]);
    return {
      text: JSON.stringify(vectorOf(reply, origin)),
      toolCalls: [],
      finishReason: null,
      usage: { inputTokens: countOr(usage?.["prompt_tokens"]), cachedTokens: 0, outputTokens: 0 },
      servedModel: textOr(reply["model"], null),
      fingerprint: null,
    };
  },
};

function vectorOf(reply: Json, origin: string): readonly number[] {
  const [first] = listOf(reply["data"]);
  const vector = record(first)?.["embedding"];
  const isVector = Array.isArray(vector) && vector.length > 0 && vector.every((one) => Number.isFinite(one));
  if (isVector) return vector as readonly number[];
  throw new EndpointError({ kind: "bad-reply", origin, what: "the reply holds no vector of numbers" });
}
