import { binomialLower, binomialPoint, binomialUpper } from "./distribution.ts";
import { neverZero, testOf, type Test } from "./estimate.ts";
import { pairsOf, type PairedCounts } from "./paired-counts.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * McNemar's exact test of no difference: the discordant pairs are a fair coin.
 * p = 2·P(Bin(b+c, ½) ≤ min(b, c)), 1 when b = c. Statistic: candidate-only count.
 * Source: McNemar 1947; Fagerland, Lydersen & Laake 2013.
 * Worked value: b = 1, c = 8 give p = 0.0390625.
 */
export function mcnemarExact(counts: PairedCounts): Test | Refused {
  const pairs = discordant(counts);
  if ("kind" in pairs) return pairs;
  const { n, m, c } = pairs;
  const tails = { pGreater: binomialUpper(c, m, 0.5), pLess: binomialLower(c, m, 0.5) };
  return testOf({ test: "mcnemar-exact@1", n, statistic: c, nullValue: 0, ...tails });
}

/**
 * McNemar's mid-p test: the exact p less half (one-sided) of the point mass; 1 when b = c.
 * Keeps close to the nominal size where the exact test is conservative.
 * Worked value: b = 1, c = 8 give p = 0.021484375.
 */
export function mcnemarMidP(counts: PairedCounts): Test | Refused {
  const pairs = discordant(counts);
  if ("kind" in pairs) return pairs;
  const { n, m, b, c } = pairs;
  const point = binomialPoint(c, m, 0.5);
  // Sum of the strict tail and half the point: no subtraction of nearly equal numbers.
  const pGreater = neverZero(binomialUpper(c + 1, m, 0.5) + point / 2);
  const pLess = neverZero(binomialLower(c - 1, m, 0.5) + point / 2);
  const test = testOf({ test: "mcnemar-mid-p@1", n, statistic: c, nullValue: 0, pGreater, pLess });
  return b === c ? { ...test, pTwoSided: 1 } : test;
}

function discordant(counts: PairedCounts): { n: number; m: number; b: number; c: number } | Refused {
  const n = pairsOf(counts);
  if (typeof n !== "number") return n;
  const { baselineOnly: b, candidateOnly: c } = counts;
  return b + c === 0 ? refused("no discordant pair") : { n, m: b + c, b, c };
}
