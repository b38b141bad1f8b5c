import { z } from "zod";
import type { Score } from "../../schema/run.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

export interface PerplexityOptions extends ScorerOptions {
  /** The column with Σ ln p of the text's tokens, as the model gave them for a prompt. Default `logProb`. */
  readonly logProb?: string;
  /** The column with the number of those tokens. Default `tokens`. */
  readonly tokens?: string;
  /** The column with the text's UTF-8 bytes. Default `bytes`; needed for `bitsPerByte` only. */
  readonly bytes?: string;
  /** `bitsPerByte` compares models with different tokenizers. Default `perplexity`. */
  readonly unit?: "perplexity" | "bitsPerByte";
}

const Sum = z.object({
  logProb: z.number().max(0),
  tokens: z.number().int().positive(),
  bytes: z.number().nullable(),
});
type Sum = z.infer<typeof Sum>;

/**
 * How well a model predicts given text, lower is better: exp(−Σ ln p / Σ tokens), or −Σ log₂ p / Σ bytes.
 * The figure of a set is `<metric>.corpus`, over all its tokens together; a mean of perplexities is none.
 * It reads columns that a recording gives, or the task `textLogprobs`, which asks each arm; without them the answer is unscored.
 *
 * When to use: language modelling of one domain, with the log-probabilities of a prompt.
 * When not to use: of a model's own reply (that is its confidence, not quality); across tokenizers, but for `bitsPerByte`.
 * Worked value: ln p = −2 over 4 tokens is e^0.5 = 1.6487; with −6 over 4 more, e^1 = 2.7183 together.
 */
export function perplexity(options: PerplexityOptions = {}): Scorer {
  const {
    as,
    threshold,
    logProb = "logProb",
    tokens = "tokens",
    bytes = "bytes",
    unit = "perplexity",
  } = options;
  const spec = {
    name: unit,
    version: 1,
    args: { logProb, tokens, bytes, unit },
    options: { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) },
  };
  const scorer = defineScorer(spec, ({ columns = {} }) => {
    const sum = Sum.safeParse({
      logProb: columns[logProb],
      tokens: columns[tokens],
      bytes: columns[bytes] ?? null,
    });
    if (!sum.success) return unscored(`no log-probabilities of a prompt: columns ${logProb} and ${tokens}`);
    const value = valueOf([sum.data], unit);
    return value === null ? unscored(`no bytes: column ${bytes}`) : { value, evidence: sum.data };
  });
  return Object.assign(scorer, { corpus: (scores: readonly Score[]) => valueOf(sumsIn(scores), unit) });
}

function sumsIn(scores: readonly Score[]): readonly Sum[] {
  return scores.flatMap(({ value, evidence }) => {
    const sum = Sum.safeParse(evidence);
    return value !== null && sum.success ? [sum.data] : [];
  });
}

function valueOf(sums: readonly Sum[], unit: "perplexity" | "bitsPerByte"): number | null {
  const total = (of: (sum: Sum) => number): number => sums.reduce((all, sum) => all + of(sum), 0);
  const surprise = -total(({ logProb }) => logProb);
  const size = unit === "perplexity" ? total(({ tokens }) => tokens) : total(({ bytes }) => bytes ?? NaN);
  const value = unit === "perplexity" ? Math.exp(surprise / size) : surprise / Math.LN2 / size;
  return Number.isFinite(value) ? value : null;
}
