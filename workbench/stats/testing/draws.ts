import { exp, ln } from "../elementary.ts";
import type { PairedCounts } from "../paired-counts.ts";
import type { Random } from "../random.ts";

/** One standard normal draw by Marsaglia's polar method. */
export function normalDraw(random: Random): number {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square);
  }
}

/** A lognormal draw with median e^mu. */
export function lognormalDraw(random: Random, mu: number, sigma: number): number {
  return exp(mu + sigma * normalDraw(random));
}

/** Paired yes/no answers with a given discordance and effect (pB − pA), and baseline rate. */
export interface PairedTruth {
  readonly n: number;
  readonly baseline: number;
  readonly discordance: number;
  readonly effect: number;
}

/** Cells of n such pairs. */
export function pairedDraw(random: Random, truth: PairedTruth): PairedCounts {
  const plus = (truth.discordance + truth.effect) / 2;
  const minus = truth.discordance - plus;
  const both = truth.baseline - minus;
  const cells = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
  for (let i = 0; i < truth.n; i++) {
    const u = random.uniform();
    if (u < plus) cells.candidateOnly++;
    else if (u < plus + minus) cells.baselineOnly++;
    else if (u < plus + minus + both) cells.both++;
    else cells.neither++;
  }
  return cells;
}

/** Values of C clusters of m with mean `mean`, total variance 1 and intraclass correlation `icc`. */
export function clusteredDraw(
  random: Random,
  { clusters, size, icc, mean }: { clusters: number; size: number; icc: number; mean: number },
): { values: number[]; clusters: number[] } {
  const names: number[] = [];
  const values: number[] = [];
  for (let c = 0; c < clusters; c++) {
    const shift = Math.sqrt(icc) * normalDraw(random);
    for (let i = 0; i < size; i++) {
      names.push(c);
      values.push(mean + shift + Math.sqrt(1 - icc) * normalDraw(random));
    }
  }
  return { values, clusters: names };
}

/** Users with a lasting rate around `rate` and 1…20 requests each: sums and counts per user. */
export function userDraw(
  random: Random,
  { users, rate, spread }: { users: number; rate: number; spread: number },
): { numerators: number[]; denominators: number[] } {
  const numerators: number[] = [];
  const denominators: number[] = [];
  for (let user = 0; user < users; user++) {
    const requests = 1 + random.below(20);
    const own = rate + spread * (2 * random.uniform() - 1);
    let successes = 0;
    for (let i = 0; i < requests; i++) if (random.uniform() < own) successes++;
    numerators.push(successes);
    denominators.push(requests);
  }
  return { numerators, denominators };
}

/** n values by a maker. */
export function many(n: number, make: () => number): number[] {
  return Array.from({ length: n }, make);
}
