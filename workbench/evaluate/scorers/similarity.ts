import { z } from "zod";
import type { ScoreContext, Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

export interface SimilarityOptions extends ScorerOptions {
  /** A model of workbench.config.yaml whose endpoint answers `/v1/embeddings`. */
  readonly model: string;
  /** From here on an answer counts as the same: then the value is 1 or 0. `learnCutoff` finds it. */
  readonly cutoff?: number;
}

const Vector = z.array(z.number()).min(1);

/**
 * Cosine of the embeddings of the answer and of what is expected, in [−1, 1]; with `cutoff`, 1 or 0. Of
 * several references the nearest counts. What answers as the model is in the scorer's digest.
 *
 * When to use: paraphrases of a known answer, with a cut-off learnt on labelled pairs.
 * When not to use: where a negation or a number makes the difference: embeddings hardly see it.
 * Worked value: vectors [1, 0] and [3, 4] give 0.6.
 */
export function similarity(options: SimilarityOptions): Scorer {
  const { as, threshold, model, cutoff } = options;
  const spec = {
    name: "similarity",
    version: 1,
    args: { model, cutoff: cutoff ?? null },
    options: { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) },
  };
  const scorer = defineScorer(spec, async ({ output, expected }, context) => {
    const references = z
      .union([z.string().transform((one) => [one]), z.array(z.string()).min(1)])
      .safeParse(expected);
    if (!references.success) return unscored("there is no text to compare with");
    if (!context)
      throw new Error(`similarity is asked by the runner; alone it needs {judge: call} for ${model}`);
    const vectors = await Promise.all([output, ...references.data].map((text) => embed(text, context)));
    const [own, ...others] = vectors as [readonly number[], ...(readonly number[])[]];
    const cosines = others.map((other) => cosine(own, other)).filter((one) => one !== null);
    if (cosines.length === 0) return unscored("a vector has no direction, or the vectors differ in length");
    const nearest = Math.max(...cosines);
    return {
      value: cutoff === undefined ? nearest : Number(nearest >= cutoff),
      evidence: { cosine: nearest },
    };
  });
  return Object.assign(scorer, { judge: model, asks: "embeddings" as const });
}

async function embed(text: string, { judge }: ScoreContext): Promise<readonly number[]> {
  const reply = await judge({ messages: [{ role: "user", content: text }], maxTokens: 1 });
  return Vector.parse(JSON.parse(reply.text));
}

/** Worked value: `cosine([1, 0], [3, 4])` is 0.6. Null where a vector is zero or the lengths differ. */
export function cosine(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) return null;
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? null : Math.max(-1, Math.min(1, dot / (Math.sqrt(aa) * Math.sqrt(bb))));
}

/**
 * The cut-off that best tells pairs apart that people hold the same: it maximises Youden's J, the share
 * of same pairs at or above it minus the share of different ones. Of equal ones the middle between two
 * neighbours. Null without pairs of both kinds, or where none is better than chance. Source: Youden 1950.
 * Worked value: same at 0.9 and 0.7, different at 0.5: 0.6.
 */
export function learnCutoff(
  pairs: readonly { readonly cosine: number; readonly same: boolean }[],
): number | null {
  const same = pairs.filter((pair) => pair.same).length;
  const different = pairs.length - same;
  if (same === 0 || different === 0) return null;
  const sorted = [...pairs].sort((a, b) => b.cosine - a.cosine);
  let at: number | null = null;
  let [best, hits, alarms] = [0, 0, 0];
  sorted.forEach((pair, i) => {
    if (pair.same) hits++;
    else alarms++;
    const next = sorted[i + 1]?.cosine ?? pair.cosine;
    if (next === pair.cosine && i + 1 < sorted.length) return;
    const j = hits / same - alarms / different;
    if (j > best) [best, at] = [j, (pair.cosine + next) / 2];
  });
  return at;
}
