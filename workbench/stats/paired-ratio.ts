import { normalLower, normalUpper, normalUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import { pairsOf, type PairedCounts } from "./paired-counts.ts";
import { refused, type Refused } from "./refused.ts";
import { root } from "./root.ts";

/**
 * Score test that the ratio candidate/baseline of two paired proportions equals `ratio`
 * (0.95 for a relative margin of 5 %: read `pGreater`).
 * z = (B − θA)/√(θ(p̃₁₀ + p̃₀₁)·n) at the maximum likelihood under B = θA.
 * Source: Nam & Blackwelder 2002; Tang, Tang & Chan 2003. Refused: no success in either arm.
 * Worked value: both 70, baseline only 10, candidate only 8, neither 12, θ 0.9: z 1.4061.
 */
export function pairedRatioTest(counts: PairedCounts, ratio: number): Test | Refused {
  const n = pairsOf(counts);
  if (typeof n !== "number") return n;
  if (!(ratio > 0 && Number.isFinite(ratio))) return refused(`ratio must be positive, got ${ratio}`);
  if (n === counts.neither) return refused("no success in either arm: the ratio is 0/0");
  const statistic = ratioScore(counts, ratio);
  if (Number.isNaN(statistic)) return refused("no discordant pair: the score at a ratio of 1 is 0/0");
  const tails = { pGreater: normalUpper(statistic), pLess: normalLower(statistic) };
  return testOf({ test: "paired-ratio-score@1", n, statistic, nullValue: ratio, ...tails });
}

/**
 * The interval of the ratio by inverting that test. Refused where the upper end is unbounded
 * (the baseline never succeeds).
 */
export function pairedRatioInterval(counts: PairedCounts, alpha: number): Estimate | Refused {
  const n = pairsOf(counts);
  if (typeof n !== "number") return n;
  const bad = badAlpha(alpha);
  if (bad) return bad;
  const a = counts.both + counts.baselineOnly;
  const b = counts.both + counts.candidateOnly;
  if (a === 0) return refused("the baseline never succeeds: the ratio has no upper limit");
  const z = normalUpperQuantile(alpha);
  const estimate = b / a;
  const score = (ratio: number): number => (ratio === estimate ? 0 : ratioScore(counts, ratio));
  let ceiling = Math.max(2, 2 * estimate);
  while (score(ceiling) > -z && ceiling < 1e300) ceiling *= 2;
  const lower = b === 0 ? 0 : root((ratio) => score(ratio) - z, Number.MIN_VALUE, estimate);
  const upper = root((ratio) => score(ratio) + z, Math.max(estimate, Number.MIN_VALUE), ceiling);
  return estimateOf({ estimator: "paired-ratio-score@1", n, estimate, lower, upper, alpha });
}

/** The score z; NaN only when it is 0/0 (θ = 1 and no discordant pair). */
function ratioScore(counts: PairedCounts, ratio: number): number {
  const { both, baselineOnly, candidateOnly } = counts;
  const success = both + baselineOnly + candidateOnly;
  const top = both + candidateOnly - ratio * (both + baselineOnly);
  const shape = baselineOnly * ratio + candidateOnly;
  // The restricted baseline rate among pairs with a success is the small root of a quadratic.
  const square = ratio * (1 + ratio) * success;
  const linear =
    both * (1 + ratio) * (1 + ratio) + (1 + ratio) * shape + (baselineOnly + candidateOnly) * ratio;
  const constant = both * (1 + ratio) + shape;
  const discriminant = Math.sqrt(Math.max(0, linear * linear - 4 * square * constant));
  const rate = (2 * constant) / (linear + discriminant);
  const discordant = Math.max(0, success * (2 - (1 + ratio) * rate));
  return top / Math.sqrt(ratio * discordant);
}
