import { z } from "zod";
import type { Sample, Task } from "./types.ts";

export interface TextLogprobsOptions<S> {
  /** The text that the arm's model is to predict. */
  readonly text: (sample: S) => string;
}

const Sum = z.object({ logProb: z.number(), tokens: z.number().int().positive() });

/**
 * The task of a suite that measures how well each arm predicts given texts: nothing is generated. It fills the
 * columns that `perplexity` reads. An arm whose endpoint gives no log-probabilities of a prompt fails each sample.
 * Worked value: `textLogprobs({text: (s) => s.input})` of "ab" as two tokens gives `{logProb, tokens: 1, bytes: 2}`.
 */
export function textLogprobs<I = unknown, E = unknown>({
  text,
}: TextLogprobsOptions<Sample<I, E>>): Task<I, E> {
  const task: Task<I, E> = async (sample, call) => {
    const content = text(sample);
    const reply = await call({ messages: [{ role: "user", content }], temperature: 0, maxTokens: 1 });
    const sum = Sum.parse(JSON.parse(reply.text));
    return { text: content, columns: { ...sum, bytes: Buffer.byteLength(content) } };
  };
  return Object.assign(task, { plan: { asks: "promptLogprobs", text: String(text), maxTokens: 1 } });
}

/** What a task asks its arms for; undefined is chats. */
export function asksOf(task: Task | null): "promptLogprobs" | undefined {
  const plan = task?.plan as { readonly asks?: unknown } | undefined;
  return plan?.asks === "promptLogprobs" ? plan.asks : undefined;
}
