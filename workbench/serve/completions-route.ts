import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Engine } from "./engine.ts";
import { sendJson } from "./http.ts";
import type { Call } from "./openai-routes.ts";
import { parse } from "./question.ts";

/** The part of the old form that measures a text; texts are continued by chats. */
const Completion = z.looseObject({
  model: z.string(),
  prompt: z.string().min(1),
  echo: z.literal(true, {
    error: "only with true: this path gives the prompt's log-probabilities, chats continue texts",
  }),
  logprobs: z.number().int().min(0).max(1),
  max_tokens: z.number().int().min(0).max(1).nullish(),
  stream: z.literal(false).nullish(),
  n: z.literal(1).nullish(),
});

/** `POST /v1/completions` with `echo` and `logprobs`: how probable each token of a text is after those before it. Nothing is generated. */
export async function completions(
  engine: Engine,
  { body, id, at }: Call,
  response: ServerResponse,
): Promise<void> {
  const asked = parse(Completion, body);
  const { local, adapterPath, served, fingerprint } = await engine.ready(asked.model);
  const ids = local.tokenize(asked.prompt, false);
  const logprobs = await local.promptLogprobs(adapterPath, ids);
  sendJson(response, 200, {
    id: `cmpl-${id}`,
    object: "text_completion",
    created: Math.floor(at.getTime() / 1000),
    model: served.name,
    system_fingerprint: fingerprint,
    choices: [
      {
        index: 0,
        text: asked.prompt,
        logprobs: { token_logprobs: [null, ...logprobs], top_logprobs: null },
        finish_reason: "length",
      },
    ],
    usage: { prompt_tokens: ids.length, completion_tokens: 0, total_tokens: ids.length },
  });
}
