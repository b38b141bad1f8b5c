import { binomialDraw } from "../binomial-draw.ts";
import { farringtonManning } from "../farrington-manning.ts";
import { nNeeded } from "../n-needed.ts";
import type { PairedCounts } from "../paired-counts.ts";
import { pairedMeanTest } from "../paired-graded.ts";
import { pairedRatioTest } from "../paired-ratio.ts";
import {
  independentBinaryVariance,
  pairedBinaryNullVariance,
  pairedBinaryVariance,
} from "../planning-variance.ts";
import { unitsNeeded, type Plan } from "../power.ts";
import type { Random } from "../random.ts";
import { isRefused } from "../refused.ts";
import { tangoInterval, tangoTest } from "../tango.ts";
import { many, normalDraw, pairedDraw } from "./draws.ts";
import { ok } from "./ok.ts";

/** A promise of planning: the share of simulations that decide, and the least it should be. */
export interface PlanningCell {
  readonly group: string;
  readonly name: string;
  readonly atLeast: number;
  readonly decided: (random: Random, simulations: number) => number;
}

const ALPHA = 0.025;
const QUESTION = { alpha: ALPHA, power: 0.9 };

/** The test at the planned n, on data whose truth is the planned one. */
function powerCell(
  name: string,
  plan: Pick<Plan, "variance" | "nullVariance" | "distance">,
  pGreater: (random: Random, n: number) => number,
): PlanningCell {
  const n = ok(unitsNeeded({ ...QUESTION, ...plan }));
  return {
    group: "power at the planned n",
    name: `${name}, n ${n}`,
    atLeast: QUESTION.power,
    decided: (random, simulations) => {
      let shown = 0;
      for (let i = 0; i < simulations; i++) if (pGreater(random, n) <= ALPHA) shown++;
      return shown / simulations;
    },
  };
}

const equal = { baseline: 0.8, discordance: 0.2, effect: 0 };

const power: readonly PlanningCell[] = [
  powerCell(
    "tango, no effect, margin 5 points",
    {
      variance: pairedBinaryVariance(0.2, 0),
      nullVariance: pairedBinaryNullVariance(0.2, 0, -0.05),
      distance: 0.05,
    },
    (random, n) => ok(tangoTest(pairedDraw(random, { ...equal, n }), -0.05)).pGreater,
  ),
  powerCell(
    "tango, +5 points, superior",
    { variance: pairedBinaryVariance(0.2, 0.05), nullVariance: 0.2, distance: 0.05 },
    (random, n) => ok(tangoTest(pairedDraw(random, { ...equal, effect: 0.05, n }), 0)).pGreater,
  ),
  powerCell(
    "paired ratio, no effect, margin 5 % of 0.8",
    { variance: pairedBinaryVariance(0.2, 0), distance: 0.04 },
    (random, n) => ok(pairedRatioTest(pairedDraw(random, { ...equal, n }), 0.95)).pGreater,
  ),
  powerCell("paired t, +0.2 SD", { variance: 1, distance: 0.2 }, (random, n) => {
    const candidate = many(n, () => 0.2 + normalDraw(random));
    return ok(pairedMeanTest({ baseline: candidate.map(() => 0), candidate }, 0)).pGreater;
  }),
  powerCell(
    "farrington–manning, no effect, margin 5 points, per arm",
    { variance: independentBinaryVariance(0.85, 0.85), distance: 0.05 },
    (random, n) => {
      const arm = () => ({ events: binomialDraw(random, n, 0.85), trials: n });
      return ok(farringtonManning(arm(), arm(), -0.05)).pGreater;
    },
  ),
];

/** After 250 pairs that decided nothing: does the n asked for decide? */
const needed: PlanningCell = {
  group: "n needed",
  name: "tango, no effect, margin 5 points, asked after 250 pairs",
  atLeast: 0.85,
  decided: (random, simulations) => {
    let [asked, decided] = [0, 0];
    for (let i = 0; i < simulations; i++) {
      const first = pairedDraw(random, { ...equal, n: 250 });
      const now = ok(tangoInterval(first, ALPHA));
      if (now.lower > -0.05 || now.upper < -0.05) continue;
      const halfWidth = (now.upper - now.lower) / 2;
      const standing = { ...QUESTION, n: 250, estimate: now.estimate, halfWidth, margin: 0.05 };
      const { shrunk } = ok(nNeeded({ ...standing, planned: { n: 841, effect: 0 } }));
      if (isRefused(shrunk)) continue;
      asked++;
      const more = pairedDraw(random, { ...equal, n: Math.max(0, shrunk - 250) });
      if (ok(tangoInterval(added(first, more), ALPHA)).lower > -0.05) decided++;
    }
    return decided / asked;
  },
};

function added(a: PairedCounts, b: PairedCounts): PairedCounts {
  return {
    both: a.both + b.both,
    neither: a.neither + b.neither,
    baselineOnly: a.baselineOnly + b.baselineOnly,
    candidateOnly: a.candidateOnly + b.candidateOnly,
  };
}

export const planningCells: readonly PlanningCell[] = [...power, needed];
