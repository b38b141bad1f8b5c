import { normalLower, normalUpper } from "./distribution.ts";
import { testOf, type Test } from "./estimate.ts";
import { badValues } from "./input.ts";
import { midRanks } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

const EXACT_UP_TO = 50;

/**
 * Wilcoxon's signed-rank test of symmetry about 0. Zeros are dropped. Exact up to 50 differences
 * without ties, else normal with the tie correction (no continuity correction).
 * Statistic: the sum of positive ranks. It answers a question about ranks, not about the mean.
 * Source: Wilcoxon 1945. Worked value: [1, 2, 3, 4, 5] gives pGreater 1/32.
 */
export function wilcoxonSignedRank(differences: readonly number[]): Test | Refused {
  const bad = badValues(differences, 2, "difference");
  if (bad) return bad;
  const active = differences.filter((value) => value !== 0);
  const n = active.length;
  if (n === 0) return refused("all differences are 0");
  const { ranks, tieSum } = midRanks(active.map(Math.abs));
  const statistic = sumOf(ranks, (rank, i) => ((active[i] as number) > 0 ? rank : 0));
  const tails =
    tieSum === 0 && n <= EXACT_UP_TO ? exactTails(n, statistic) : normalTails(n, { statistic, tieSum });
  return testOf({ test: "wilcoxon@1", n: differences.length, statistic, nullValue: 0, ...tails });
}

/** Counts of the 2ⁿ sign patterns by their rank sum. */
function exactTails(n: number, statistic: number): { readonly pGreater: number; readonly pLess: number } {
  const most = (n * (n + 1)) / 2;
  const ways = new Float64Array(most + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let total = most; total >= rank; total--) {
      ways[total] = (ways[total] as number) + (ways[total - rank] as number);
    }
  }
  const patterns = 2 ** n;
  return {
    pGreater: sumOf([...ways.subarray(statistic)], (w) => w) / patterns,
    pLess: sumOf([...ways.subarray(0, statistic + 1)], (w) => w) / patterns,
  };
}

function normalTails(
  n: number,
  { statistic, tieSum }: { readonly statistic: number; readonly tieSum: number },
): { readonly pGreater: number; readonly pLess: number } {
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieSum / 48;
  const z = (statistic - mean) / Math.sqrt(variance);
  return { pGreater: normalUpper(z), pLess: normalLower(z) };
}
