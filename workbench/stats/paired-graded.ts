import { clusteredMean, clusteredTest, type ClusteredValues } from "./clustered-mean.ts";
import type { Estimate, Test } from "./estimate.ts";
import { refused, type Refused } from "./refused.ts";

/** Graded scores of the same items in both arms, one number per item (epochs averaged before). */
export interface PairedScores {
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  readonly clusters?: readonly (string | number)[] | undefined;
}

/**
 * Mean of candidate − ratio·baseline over paired items, cluster-robust, t with C − 1 df.
 * `ratio` 1 (default) is the plain difference; 0.95 is the contrast of a relative margin of 5 %:
 * its lower limit above 0 shows "at least 95 % of the baseline" without dividing.
 * Refused: unequal lengths, scores constant in both arms, fewer than 2 items or clusters.
 * Worked value: baseline [1, 2, 3], candidate [2, 2, 5] gives 1, −1.4841…3.4841 at alpha 0.025.
 */
export function pairedMeanDifference(scores: PairedScores, alpha: number, ratio = 1): Estimate | Refused {
  const differences = contrasts(scores, ratio);
  if ("kind" in differences) return differences;
  const result = clusteredMean(differences, alpha);
  return result.kind === "refused" ? result : { ...result, estimator: "paired-t@1" };
}

/** The matching t test that the mean of candidate − ratio·baseline equals `nullValue`. */
export function pairedMeanTest(scores: PairedScores, nullValue: number, ratio = 1): Test | Refused {
  const differences = contrasts(scores, ratio);
  if ("kind" in differences) return differences;
  const result = clusteredTest(differences, nullValue);
  return result.kind === "refused" ? result : { ...result, test: "paired-t@1" };
}

function contrasts(scores: PairedScores, ratio: number): ClusteredValues | Refused {
  const { baseline, candidate, clusters } = scores;
  if (baseline.length !== candidate.length) {
    return refused(`arms differ in length: ${baseline.length} and ${candidate.length}`);
  }
  if (!(ratio > 0 && Number.isFinite(ratio))) return refused(`ratio must be positive, got ${ratio}`);
  const constant = (values: readonly number[]): boolean => values.every((v) => v === values[0]);
  if (baseline.length > 1 && constant(baseline) && constant(candidate)) {
    return refused("scores are constant in both arms: the scorer tells nothing apart");
  }
  return { values: candidate.map((value, i) => value - ratio * (baseline[i] as number)), clusters };
}
