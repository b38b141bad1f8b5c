import { normalLower, normalUpper } from "./distribution.ts";
import { testOf, type Test } from "./estimate.ts";
import { badValues } from "./input.ts";
import { midRanks } from "./ranked.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

const EXACT_UP_TO = 60;

/**
 * Mann–Whitney test; statistic U = pairs the candidate wins + ½ ties. Exact up to 60 values in
 * all without ties, else normal with the tie correction (no continuity correction).
 * Source: Mann & Whitney 1947. Worked value: baseline [1, 2], candidate [3, 4]: U 4, pGreater 1/6.
 */
export function mannWhitney(baseline: readonly number[], candidate: readonly number[]): Test | Refused {
  const bad = badValues(baseline, 1) ?? badValues(candidate, 1);
  if (bad) return bad;
  const [m, k] = [baseline.length, candidate.length];
  const { ranks, tieSum } = midRanks([...baseline, ...candidate]);
  const statistic = sumOf(ranks.slice(m), (rank) => rank) - (k * (k + 1)) / 2;
  const n = m + k;
  if (tieSum === 0 && n <= EXACT_UP_TO) {
    const tails = exactTails(m, k, statistic);
    return testOf({ test: "mann-whitney@1", n, statistic, nullValue: 0.5, ...tails });
  }
  const variance = ((m * k) / 12) * (n + 1 - tieSum / (n * (n - 1)));
  if (!(variance > 0)) return refused("all values are equal");
  const z = (statistic - (m * k) / 2) / Math.sqrt(variance);
  const tails = { pGreater: normalUpper(z), pLess: normalLower(z) };
  return testOf({ test: "mann-whitney@1", n, statistic, nullValue: 0.5, ...tails });
}

/** Counts of the C(m+k, k) ways to choose the candidate's ranks, by U. */
function exactTails(m: number, k: number, u: number): { readonly pGreater: number; readonly pLess: number } {
  const most = m * k;
  // ways[chosen][excess]: rank r as the c-th chosen adds r − c to U.
  const ways = Array.from({ length: k + 1 }, () => new Float64Array(most + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (let rank = 1; rank <= m + k; rank++) {
    for (let chosen = Math.min(rank, k); chosen >= 1; chosen--) {
      const shift = rank - chosen;
      const [to, from] = [ways[chosen] as Float64Array, ways[chosen - 1] as Float64Array];
      for (let total = most; total >= shift; total--) {
        to[total] = (to[total] as number) + (from[total - shift] as number);
      }
    }
  }
  const counts = [...(ways[k] as Float64Array)];
  const all = sumOf(counts, (count) => count);
  return {
    pGreater: sumOf(counts.slice(u), (count) => count) / all,
    pLess: sumOf(counts.slice(0, u + 1), (count) => count) / all,
  };
}
