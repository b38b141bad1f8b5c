import type { BesideTest } from "../schema/decision.ts";
import { bootstrapMean } from "../stats/bootstrap-mean.ts";
import { clusterSums } from "../stats/cluster-sums.ts";
import type { Test } from "../stats/estimate.ts";
import { mcnemarExact, mcnemarMidP } from "../stats/mcnemar.ts";
import { pairedCounts } from "../stats/paired-counts.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import { signFlip } from "../stats/sign-flip.ts";
import { wilcoxonSignedRank } from "../stats/wilcoxon.ts";
import type { Item } from "./pairs.ts";
import { pairedValues } from "./values.ts";

/**
 * Other tests of "no difference" on the same pairs, for the reader who wants to see them agree. They
 * never decide: the rule's own interval does. Yes/no answers: McNemar, exact and mid-p. Otherwise the
 * permutation of signs by cluster, a bootstrap interval by cluster (BCa), and Wilcoxon where items
 * stand alone. Quantiles have none. What cannot be computed is left out.
 */
export function testsBeside(items: readonly Item[], metric: string, seed: number): readonly BesideTest[] {
  const values = pairedValues(items, metric);
  if (values.quantile !== null || values.baseline.length < 2) return [];
  const differences = values.candidate.map((b, i) => b - (values.baseline[i] ?? 0));
  const { clusters } = values;
  const sums = clusters === null ? differences : clusterSums(differences, clusters).totals;
  const flips = tested("sign-flip", signFlip(sums, { seed }));
  if (values.isBinary && clusters === null) {
    const counts = pairedCounts(values.baseline, values.candidate);
    if (isRefused(counts)) return [];
    return [
      tested("mcnemar-exact", mcnemarExact(counts)),
      tested("mcnemar-mid-p", mcnemarMidP(counts)),
      flips,
    ].flat();
  }
  const resampled = bootstrapMean({ values: differences, clusters: clusters ?? undefined }, 0.025, {
    seed,
    method: "bca",
    replicates: REPLICATES,
  });
  const interval = isRefused(resampled)
    ? []
    : [{ test: "bootstrap-bca", p: null, lower: resampled.lower, upper: resampled.upper }];
  return [
    flips,
    interval,
    clusters === null ? tested("wilcoxon", wilcoxonSignedRank(differences)) : [],
  ].flat();
}

const REPLICATES = 2_000;

function tested(test: string, result: Test | Refused): readonly BesideTest[] {
  return isRefused(result) ? [] : [{ test, p: result.pTwoSided, lower: null, upper: null }];
}
