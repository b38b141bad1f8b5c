import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { WorkbenchError } from "../../errors/error.ts";
import { fits } from "./fits.ts";

/** Log-probabilities of the token after these: a softmax over the raw logits, shifted by their maximum. */
export async function nextLogprobs(
  sequence: LlamaContextSequence,
  ids: readonly number[],
): Promise<Float64Array> {
  fits(ids, sequence.contextSize);
  await sequence.clearHistory();
  const last = ids.at(-1) as Token;
  const results = await sequence.controlledEvaluate([
    ...(ids.slice(0, -1) as Token[]),
    [last, { generateNext: { token: true, logits: true } }],
  ]);
  return logSoftmax(results.at(-1)?.next.logits);
}

/** Positions whose whole distributions are held at once. */
const POSITIONS = 16;

/** Of each token but the first, the natural logarithm of its probability after those before it. */
export async function promptLogprobs(
  sequence: LlamaContextSequence,
  ids: readonly number[],
): Promise<readonly number[]> {
  fits(ids, sequence.contextSize);
  await sequence.clearHistory();
  const out: number[] = [];
  for (let from = 0; from < ids.length - 1; from += POSITIONS) {
    const some = ids.slice(from, Math.min(from + POSITIONS, ids.length - 1)) as Token[];
    const results = await sequence.controlledEvaluate(
      some.map((id) => [id, { generateNext: { token: true, logits: true } }] as const),
    );
    results.forEach((result, i) => out.push(logSoftmax(result?.next.logits)[ids[from + i + 1] ?? -1] ?? NaN));
  }
  return out;
}

/** Natural logarithms of the softmax, in double precision, by token id. @throws WB_BUG without logits. */
function logSoftmax(logits: ReadonlyMap<Token, number> | undefined): Float64Array {
  if (!logits) throw new WorkbenchError({ code: "WB_BUG", what: "llama.cpp gave no logits" });
  const out = new Float64Array(logits.size);
  for (const [id, logit] of logits) out[id] = logit;
  const highest = out.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const total = Math.log(out.reduce((sum, logit) => sum + Math.exp(logit - highest), 0)) + highest;
  return out.map((logit) => logit - total);
}
