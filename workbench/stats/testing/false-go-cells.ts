import { binomialDraw } from "../binomial-draw.ts";
import { clusteredTest } from "../clustered-mean.ts";
import type { Test } from "../estimate.ts";
import { exp } from "../elementary.ts";
import { farringtonManning } from "../farrington-manning.ts";
import { mannWhitney } from "../mann-whitney.ts";
import { mcnemarExact, mcnemarMidP } from "../mcnemar.ts";
import { momentsOf } from "../moments.ts";
import { pairedRatioTest } from "../paired-ratio.ts";
import type { Random } from "../random.ts";
import { isRefused, type Refused } from "../refused.ts";
import { tangoTest } from "../tango.ts";
import { welchTest } from "../welch.ts";
import { wilcoxonSignedRank } from "../wilcoxon.ts";
import { clusteredDraw, lognormalDraw, many, normalDraw, pairedDraw } from "./draws.ts";

/** One cell at the edge of the null: rejecting at one-sided 0.025 is a false go. */
export interface FalseGoCell {
  readonly group: string;
  readonly name: string;
  readonly test: (random: Random) => Test | Refused;
}

const SIZES = [50, 100, 300, 1000] as const;

const pairedMargin = SIZES.map((n) => ({
  group: "primary, absolute margin",
  name: `tango n ${n}, truth −0.05 at margin 0.05`,
  test: (random: Random) =>
    tangoTest(pairedDraw(random, { n, baseline: 0.8, discordance: 0.2, effect: -0.05 }), -0.05),
}));

const pairedRelative = SIZES.map((n) => ({
  group: "primary, relative margin",
  name: `paired ratio n ${n}, truth 0.95 of the baseline`,
  test: (random: Random) =>
    pairedRatioTest(pairedDraw(random, { n, baseline: 0.8, discordance: 0.2, effect: -0.04 }), 0.95),
}));

const rate = SIZES.map((n) => ({
  group: "guardrail, rate",
  name: `farrington–manning n ${n}, truth at margin 0.05`,
  test: (random: Random) =>
    farringtonManning(
      { events: binomialDraw(random, n, 0.85), trials: n },
      { events: binomialDraw(random, n, 0.8), trials: n },
      -0.05,
    ),
}));

const cost = [300, 1000].map((n) => ({
  group: "guardrail, cost",
  name: `welch contrast n ${n}, lognormal, truth at +5 %`,
  test: (random: Random) => {
    const baseline = momentsOf(many(n, () => lognormalDraw(random, 0, 0.7)));
    const candidate = momentsOf(many(n, () => 1.05 * lognormalDraw(random, 0, 0.7)));
    return flipped(welchTest({ baseline, candidate, ratio: 1.05 }, 0));
  },
}));

const clusters = [10, 30].map((count) => ({
  group: "clustered",
  name: `clustered t C ${count}, truth −0.2 at margin 0.2`,
  test: (random: Random) =>
    clusteredTest(clusteredDraw(random, { clusters: count, size: 10, icc: 0.3, mean: -0.2 }), -0.2),
}));

const same = { n: 200, baseline: 0.8, discordance: 0.2, effect: 0 };
const aa: readonly FalseGoCell[] = [
  { group: "A/A", name: "mcnemar exact", test: (random) => mcnemarExact(pairedDraw(random, same)) },
  { group: "A/A", name: "mcnemar mid-p", test: (random) => mcnemarMidP(pairedDraw(random, same)) },
  { group: "A/A", name: "tango at 0", test: (random) => tangoTest(pairedDraw(random, same), 0) },
  {
    group: "A/A",
    name: "wilcoxon",
    test: (random) => wilcoxonSignedRank(many(40, () => normalDraw(random))),
  },
  {
    group: "A/A",
    name: "mann–whitney",
    test: (random) =>
      mannWhitney(
        many(40, () => exp(normalDraw(random))),
        many(40, () => exp(normalDraw(random))),
      ),
  },
];

/** "Lower is better": the go is on the other side. */
function flipped(result: Test | Refused): Test | Refused {
  return isRefused(result) ? result : { ...result, pGreater: result.pLess, pLess: result.pGreater };
}

/** Every cell. */
export const falseGoCells: readonly FalseGoCell[] = [
  ...pairedMargin,
  ...pairedRelative,
  ...rate,
  ...cost,
  ...clusters,
  ...aa,
];

/** Share of simulations that reject at one-sided alpha. */
export function falseGoOf(
  cell: FalseGoCell,
  random: Random,
  { simulations, alpha }: { simulations: number; alpha: number },
): number {
  let rejected = 0;
  for (let i = 0; i < simulations; i++) {
    const result = cell.test(random);
    if (!isRefused(result) && result.pGreater <= alpha) rejected++;
  }
  return rejected / simulations;
}
