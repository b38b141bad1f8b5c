import { z } from "zod";
import type { Score } from "../../schema/run.ts";
import { isRefused } from "../../stats/refused.ts";
import { krippendorffAlpha } from "../../stats/krippendorff.ts";
import { defineScorer, unscored, type ScorerOptions } from "../scorers/define.ts";
import type { Scorer } from "../types.ts";
import { itemOf, type Rating } from "./rating.ts";

export interface HumanOptions extends ScorerOptions {
  /** Ratings from 0 to 1, as `ratings(file)` reads them. */
  readonly ratings: readonly Rating[];
  /** How many raters an answer needs before it counts. Default 2. */
  readonly raters?: number;
}

const Rated = z.object({ values: z.array(z.number()) });

/**
 * The mean of what people gave an answer, from 0 to 1; `human.corpus` is Krippendorff's α (interval
 * scale) over all of them. An answer with too few raters is unscored. Ratings are found by input and
 * answer, so the same answer of two arms has the same ratings.
 *
 * When to use: what only people can tell, and as the labels of a judge.
 * When not to use: with one rater, or raters who see the arm.
 * Worked value: ratings 1 and 0.5 of one answer by two raters are `{value: 0.75}`.
 */
export function human(options: HumanOptions): Scorer {
  const { ratings, raters = 2, ...rest } = options;
  const byItem = new Map<string, Map<string, number>>();
  for (const { item, rater, value } of ratings) {
    const given = byItem.get(item) ?? new Map<string, number>();
    byItem.set(item, given.set(rater, value));
  }
  const spec = { name: "human", version: 1, args: { ratings, raters }, options: rest, threshold: 0.5 };
  const scorer = defineScorer(spec, ({ input, output }) => {
    const values = [...(byItem.get(itemOf(input, output))?.values() ?? [])];
    if (values.length < raters) return unscored(`${values.length} raters where ${raters} are needed`);
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    return { value, evidence: { values, raters: values.length } };
  });
  return Object.assign(scorer, { corpus: agreementAmong });
}

function agreementAmong(scores: readonly Score[]): number | null {
  const units = scores.flatMap(({ evidence }) => {
    const rated = Rated.safeParse(evidence);
    return rated.success ? [rated.data.values] : [];
  });
  const alpha = krippendorffAlpha(units, "interval");
  return isRefused(alpha) ? null : alpha.estimate;
}
