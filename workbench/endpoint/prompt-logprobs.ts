import type { Protocol } from "./chat-client.ts";
import { EndpointError } from "./error.ts";
import { countOr, listOf, record, textOr, type Json } from "./json.ts";
import { OPENAI } from "./openai.ts";
import { refuseError } from "./openai-reply.ts";

/** Σ ln p of a text's tokens after the first, of which nothing precedes, and how many they are. */
export interface PromptLogprobs {
  readonly logProb: number;
  readonly tokens: number;
}

/**
 * How well a model predicts a given text, as a conversation: the text is the last message, the reply's text is
 * `PromptLogprobs` as JSON. `/v1/completions` with `echo` and `logprobs` (OpenAI's form: vLLM, SGLang, the project's own
 * server); vLLM's `prompt_logprobs` is read where a reply holds it. An endpoint that gives neither is refused.
 */
export const PROMPT_LOGPROBS: Protocol = {
  ...OPENAI,
  chatPath: "/completions",
  bodyOf: ({ model, messages }) => ({
    model,
    prompt: messages.at(-1)?.content ?? "",
    max_tokens: 1,
    temperature: 0,
    echo: true,
    logprobs: 1,
  }),
  readWhole: (reply, origin) => {
    refuseError(reply, origin);
    const usage = record(reply["usage"]);
    const inputTokens = countOr(usage?.["prompt_tokens"]);
    return {
      text: JSON.stringify(sumOf(reply, { origin, inputTokens })),
      toolCalls: [],
      finishReason: null,
      usage: { inputTokens, cachedTokens: 0, outputTokens: countOr(usage?.["completion_tokens"]) },
      servedModel: textOr(reply["model"], null),
      fingerprint: null,
    };
  },
};

interface Around {
  readonly origin: string;
  readonly inputTokens: number | null;
}

function sumOf(reply: Json, { origin, inputTokens }: Around): PromptLogprobs {
  const choice = record(listOf(reply["choices"])[0]);
  const echoed = record(choice?.["logprobs"])?.["token_logprobs"];
  // The generated token follows the prompt's: usage says where those end.
  const given = Array.isArray(echoed)
    ? echoed.slice(0, inputTokens ?? 0)
    : listOf(choice?.["prompt_logprobs"]).map(chosenOf);
  const values = given.slice(1);
  const isWhole =
    inputTokens !== null &&
    given.length === inputTokens &&
    values.length > 0 &&
    values.every(
      (value): value is number => typeof value === "number" && value <= 0 && Number.isFinite(value),
    );
  if (isWhole) return { logProb: values.reduce((sum, value) => sum + value, 0), tokens: values.length };
  throw new EndpointError({
    kind: "refused",
    origin,
    what: "the reply holds no log-probability for each token of the prompt: this endpoint cannot measure perplexity",
  });
}

/** vLLM: the prompt's own token by its id. Beside likelier ones nothing says which it is, so then there is none. */
function chosenOf(position: unknown): unknown {
  const tokens = Object.values(record(position) ?? {});
  return tokens.length === 1 ? (record(tokens[0])?.["logprob"] ?? null) : null;
}
