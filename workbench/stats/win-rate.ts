import { clusteredMean } from "./clustered-mean.ts";
import type { Estimate } from "./estimate.ts";
import { refused, type Refused } from "./refused.ts";
import { wilson } from "./wilson.ts";

/** One prompt's score for the candidate: 1 win, ½ tie, 0 loss, or the mean of both orders. */
export interface Wins {
  readonly scores: readonly number[];
  readonly clusters?: readonly (string | number)[] | undefined;
}

/**
 * Win rate over prompts with SE √(s²/n), s² with n − 1. One independent yes/no answer a prompt
 * (no ties, no half scores, no clusters) is a plain proportion and gets Wilson's interval.
 * Both are in [0, 1]; limits of the t interval are cut there. Refused: a score outside [0, 1].
 * Worked value: [1, 0.5, 0, 1] gives 0.625 with SE 0.2394.
 */
export function winRate({ scores, clusters }: Wins, alpha: number): Estimate | Refused {
  const bad = scores.findIndex((score) => !(score >= 0 && score <= 1));
  if (bad >= 0) return refused(`score ${bad} is ${scores[bad]}, outside 0 to 1`);
  const binary = scores.every((score) => score === 0 || score === 1);
  if (binary && !clusters) {
    const wins = scores.filter((score) => score === 1).length;
    const result = wilson(wins, scores.length, alpha);
    return result.kind === "refused" || scores.length < 2
      ? result
      : { ...result, standardError: binarySe(wins, scores.length) };
  }
  const result = clusteredMean({ values: scores, clusters }, alpha);
  if (result.kind === "refused") return result;
  const cut = { lower: Math.max(0, result.lower), upper: Math.min(1, result.upper) };
  return { ...result, ...cut, estimator: "win-rate@1" };
}

/** √(p(1−p)/(n−1)): the sample standard deviation of 0/1 scores over √n. */
function binarySe(wins: number, n: number): number {
  return Math.sqrt((wins * (n - wins)) / n / n / (n - 1));
}
