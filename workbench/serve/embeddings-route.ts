import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Engine, ReadyModel } from "./engine.ts";
import { HttpError, sendJson } from "./http.ts";
import type { Call } from "./openai-routes.ts";
import { parse } from "./question.ts";

const Input = z.string().min(1);
const Embeddings = z.looseObject({
  model: z.string(),
  input: z.union([Input.transform((one) => [one]), z.array(Input).min(1).max(256)]),
  encoding_format: z.enum(["float", "base64"]).default("float"),
  /** A part of such a vector would mean nothing: refused, never cut. */
  dimensions: z.null().optional(),
});

/**
 * `POST /v1/embeddings`: of each text the model's last hidden state, after its final norm, at the text's last
 * token, scaled to length 1. A language model has read the whole text there, but it was trained to predict
 * the next token, not to bring like texts together.
 */
export async function embeddings(
  engine: Engine,
  { body, signal }: Call,
  response: ServerResponse,
): Promise<void> {
  const asked = parse(Embeddings, body);
  const model = await engine.ready(asked.model);
  if (model.adapterPath !== null)
    throw new HttpError(
      400,
      `${model.served.name} is an adapter on a base, and embeddings are taken from whole models: ask ${model.served.base}`,
      "invalid_request_error",
    );
  const data: unknown[] = [];
  let tokens = 0;
  for (const [index, text] of asked.input.entries()) {
    signal.throwIfAborted();
    const ids = model.local.tokenize(text, false);
    const vector = unit(await model.local.embed(ids), model);
    tokens += ids.length;
    data.push({
      object: "embedding",
      index,
      embedding: asked.encoding_format === "float" ? vector : base64(vector),
    });
  }
  sendJson(response, 200, {
    object: "list",
    model: model.served.name,
    data,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function unit(vector: readonly number[], { served }: ReadyModel): readonly number[] {
  const length = Math.hypot(...vector);
  if (length > 0 && Number.isFinite(length)) return vector.map((one) => one / length);
  throw new HttpError(503, `${served.name} gave no vector with a direction`, "no_embedding");
}

/** 32-bit floats, little end first, as OpenAI's own client asks for them. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((one, i) => bytes.writeFloatLE(one, i * 4));
  return bytes.toString("base64");
}
