import { clusteredMean } from "../clustered-mean.ts";
import { exp } from "../elementary.ts";
import type { Estimate } from "../estimate.ts";
import { momentsOf } from "../moments.ts";
import { newcombe } from "../newcombe.ts";
import { pairedMeanDifference } from "../paired-graded.ts";
import { quantileInterval } from "../quantile-interval.ts";
import type { Random } from "../random.ts";
import { ratioByUnit, ratioContrast } from "../ratio-by-unit.ts";
import { isRefused, type Refused } from "../refused.ts";
import { tangoInterval } from "../tango.ts";
import { welch } from "../welch.ts";
import { binomialDraw } from "../binomial-draw.ts";
import { normalUpperQuantile } from "../distribution.ts";
import { clusteredDraw, lognormalDraw, many, pairedDraw, userDraw } from "./draws.ts";

/** One cell of the coverage grid: a 95 % interval from fresh data, and the true value it should hold. */
export interface CoverageCell {
  readonly group: string;
  readonly name: string;
  readonly truth: number;
  readonly interval: (random: Random) => Estimate | Refused;
}

const ALPHA = 0.025;

function grid<A, B>(as: readonly A[], bs: readonly B[]): readonly (readonly [A, B])[] {
  return as.flatMap((a) => bs.map((b) => [a, b] as const));
}

const pairedBinary = grid([50, 100, 300, 1000], grid([0.1, 0.2, 0.4], [0, 0.05])).map(
  ([n, [discordance, effect]]) => ({
    group: "paired binary",
    name: `tango n ${n} discordance ${discordance} effect ${effect}`,
    truth: effect,
    interval: (random: Random) =>
      tangoInterval(pairedDraw(random, { n, baseline: 0.7, discordance, effect }), ALPHA),
  }),
);

const graded = grid([20, 100, 500], ["even", "skewed"] as const).map(([n, shape]) => ({
  group: "graded",
  name: `paired t n ${n} ${shape}`,
  truth: 0.02,
  interval: (random: Random) => {
    const score = (): number => (shape === "even" ? random.uniform() : random.uniform() ** 3);
    const baseline = many(n, score);
    const candidate = baseline.map((value) => 0.6 * value + 0.4 * score() + 0.02);
    return pairedMeanDifference({ baseline, candidate }, ALPHA);
  },
}));

const clustered = grid([10, 20, 50], [0.05, 0.3]).map(([clusters, icc]) => ({
  group: "clustered",
  name: `clustered t C ${clusters} icc ${icc}`,
  truth: 0.1,
  interval: (random: Random) =>
    clusteredMean(clusteredDraw(random, { clusters, size: 12, icc, mean: 0.1 }), ALPHA),
}));

const heavy = grid([200, 500, 1500], [0.7, 1]).map(([n, sigma]) => ({
  group: "welch lognormal",
  name: `welch n ${n}/${2 * n} sigma ${sigma}`,
  truth: (exp(0.1) - 1) * exp((sigma * sigma) / 2),
  interval: (random: Random) => {
    const baseline = momentsOf(many(n, () => lognormalDraw(random, 0, sigma)));
    const candidate = momentsOf(many(2 * n, () => lognormalDraw(random, 0.1, sigma)));
    return welch({ baseline, candidate }, ALPHA);
  },
}));

const quantiles = [200, 500, 1000, 2000].map((n) => ({
  group: "P95",
  name: `order statistic n ${n}`,
  truth: exp(normalUpperQuantile(0.05)),
  interval: (random: Random) =>
    quantileInterval(
      many(n, () => lognormalDraw(random, 0, 1)),
      { p: 0.95, alpha: ALPHA },
    ),
}));

const byUser = grid([50, 200, 1000], [0.1, 0.35]).map(([users, spread]) => ({
  group: "ratio by user",
  name: `delta ratio users ${users} spread ${spread}`,
  truth: 0.05,
  interval: (random: Random) => {
    const a = ratioByUnit(userDraw(random, { users, rate: 0.55, spread }));
    const b = ratioByUnit(userDraw(random, { users, rate: 0.6, spread }));
    return isRefused(a) ? a : isRefused(b) ? b : ratioContrast(a, b, { alpha: ALPHA });
  },
}));

const independent = grid([50, 100, 300, 1000], [0.85, 0.95]).map(([n, rate]) => ({
  group: "independent binary",
  name: `newcombe n ${n} rate ${rate}`,
  truth: 0.03,
  interval: (random: Random) =>
    newcombe(
      { events: binomialDraw(random, n, rate), trials: n },
      { events: binomialDraw(random, n, rate + 0.03), trials: n },
      ALPHA,
    ),
}));

/** The 60 cells. */
export const coverageCells: readonly CoverageCell[] = [
  ...pairedBinary,
  ...graded,
  ...clustered,
  ...heavy,
  ...quantiles,
  ...byUser,
  ...independent,
];

/** Share of `simulations` whose interval holds the truth; a refusal counts as a miss and is counted. */
export function coverageOf(
  cell: CoverageCell,
  random: Random,
  simulations: number,
): { share: number; refused: number } {
  let [held, refusals] = [0, 0];
  for (let i = 0; i < simulations; i++) {
    const result = cell.interval(random);
    if (isRefused(result)) refusals++;
    else if (result.lower <= cell.truth && cell.truth <= result.upper) held++;
  }
  return { share: held / simulations, refused: refusals };
}

/** Standard error of a simulated share near p. */
export function simulationError(p: number, simulations: number): number {
  return Math.sqrt((p * (1 - p)) / simulations);
}
