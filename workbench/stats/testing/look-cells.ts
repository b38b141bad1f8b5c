import { confidenceSequence } from "../confidence-sequence.ts";
import { spendingBounds, type LookPlan } from "../group-sequential.ts";
import type { Random } from "../random.ts";
import { normalDraw } from "./draws.ts";
import { ok } from "./ok.ts";

/** Looking again and again at data without an effect: the share of runs that ever cry wolf. */
export interface LookCell {
  readonly name: string;
  readonly atMost: number;
  readonly alarms: (random: Random, simulations: number) => number;
}

/** A look at every observation from the 30th on, both sides at 0.025. */
export function sequenceCell(looks: number): LookCell {
  return {
    name: `confidence sequence, ${looks.toLocaleString("en")} looks, two-sided 0.05`,
    atMost: 0.05,
    alarms: (random, simulations) => {
      let wrong = 0;
      for (let run = 0; run < simulations; run++) if (everWrong(random, looks)) wrong++;
      return wrong / simulations;
    },
  };
}

function everWrong(random: Random, looks: number): boolean {
  let [n, mean, squares] = [0, 0, 0];
  while (n < looks + 29) {
    const value = normalDraw(random);
    n++;
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
    if (n < 30) continue;
    const look = { n, mean, deviation: Math.sqrt(squares / (n - 1)) };
    const { lower, upper } = ok(confidenceSequence(look, { alpha: 0.025, tightAt: 1000 }));
    if (lower > 0 || upper < 0) return true;
  }
  return false;
}

function groupCell(shape: LookPlan["shape"], fractions: readonly number[]): LookCell {
  const bounds = ok(spendingBounds({ alpha: 0.025, fractions, shape, sides: 1 }));
  return {
    name: `${shape} spending at ${fractions.map((t) => `${Math.round(t * 100)} %`).join(", ")}, one-sided 0.025`,
    atMost: 0.025,
    alarms: (random, simulations) => {
      let wrong = 0;
      for (let run = 0; run < simulations; run++) {
        let [walk, before] = [0, 0];
        const crossed = fractions.some((t, look) => {
          walk += Math.sqrt(t - before) * normalDraw(random);
          before = t;
          return walk / Math.sqrt(t) > (bounds[look] as number);
        });
        if (crossed) wrong++;
      }
      return wrong / simulations;
    },
  };
}

export const groupCells: readonly LookCell[] = [
  groupCell("obrien-fleming", [0.2, 0.4, 0.6, 0.8, 1]),
  groupCell("obrien-fleming", [0.35, 0.5, 1]),
  groupCell("pocock", [0.2, 0.4, 0.6, 0.8, 1]),
];
