import { chiSquareUpper } from "./distribution.ts";
import { exp, ln, lnGamma } from "./elementary.ts";
import { neverZero } from "./estimate.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/** Units seen per arm against the shares that were planned. */
export interface SampleRatio {
  readonly kind: "sample-ratio";
  readonly test: string;
  readonly n: number;
  readonly statistic: number;
  readonly p: number;
}

/**
 * Sample-ratio mismatch: Pearson's χ² of unit counts against the planned split, k − 1 df.
 * A healthy experiment has p ≥ 0.001. Source: Fabijan et al. 2019.
 * Worked value: counts [5300, 4700] at [0.5, 0.5] give χ² 36, p 1.97e-9.
 */
export function sampleRatio(counts: readonly number[], shares: readonly number[]): SampleRatio | Refused {
  const n = badArms(counts, shares);
  if (typeof n !== "number") return n;
  const statistic = sumOf(counts, (count, i) => {
    const expected = n * (shares[i] as number);
    return ((count - expected) * (count - expected)) / expected;
  });
  const p = neverZero(chiSquareUpper(statistic, counts.length - 1));
  return { kind: "sample-ratio", test: "srm-chi-square@1", n, statistic, p };
}

/**
 * The sequential multinomial test, valid at any number of looks: Bayes factor of a Dirichlet
 * prior (`weight` × shares) against the planned split; p = min(1, 1/BF), and the caller keeps
 * the running minimum. Source: Lindon & Malek 2022. Worked value: counts [5300, 4700] at
 * [0.5, 0.5] give ln BF 15.1741, p 2.57e-7.
 */
export function sampleRatioSequential(
  counts: readonly number[],
  shares: readonly number[],
  weight = 1000,
): SampleRatio | Refused {
  const n = badArms(counts, shares);
  if (typeof n !== "number") return n;
  const arms = sumOf(counts, (count, i) => {
    const prior = weight * (shares[i] as number);
    return lnGamma(prior + count) - lnGamma(prior) - count * ln(shares[i] as number);
  });
  const statistic = arms + lnGamma(weight) - lnGamma(weight + n);
  const p = neverZero(exp(-statistic));
  return { kind: "sample-ratio", test: "srm-sequential@1", n, statistic, p };
}

/** Total units, or why counts and shares do not fit together. */
function badArms(counts: readonly number[], shares: readonly number[]): number | Refused {
  if (counts.length !== shares.length || counts.length < 2) {
    return refused(`${counts.length} counts and ${shares.length} shares: one of each per arm, at least 2`);
  }
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) {
    return refused(`counts must be whole numbers from 0, got ${counts.join(", ")}`);
  }
  const total = sumOf(shares, (share) => share);
  if (shares.some((share) => !(share > 0)) || Math.abs(total - 1) > 1e-9) {
    return refused(`shares must be positive and sum to 1, got ${shares.join(", ")}`);
  }
  const n = sumOf(counts, (count) => count);
  return n === 0 ? refused("no units") : n;
}
