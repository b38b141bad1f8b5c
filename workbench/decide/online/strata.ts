import type { Arm } from "../../schema/experiment.ts";
import { cupedRatio, type UnitSumsWithPre } from "../../stats/cuped-ratio.ts";
import { ratioFromSums } from "../../stats/integer-sums.ts";
import type { UnitRatio } from "../../stats/ratio-by-unit.ts";
import { isRefused } from "../../stats/refused.ts";
import type { RatioStratum } from "../../stats/stratified-ratio.ts";
import type { MetricSums } from "./readings.ts";

/** One stage of one metric: both arms, exact. */
export interface Stratum {
  readonly stage: number;
  readonly baseline: MetricSums;
  readonly candidate: MetricSums;
}

/** The stages in which each arm holds at least two units with this metric. */
export function strataOf(
  sums: readonly MetricSums[],
  field: string,
  slice: string | null = null,
): readonly Stratum[] {
  const mine = sums.filter((one) => one.metric === field && one.slice === slice && BigInt(one.units) >= 2n);
  const stages = [...new Set(mine.map(({ stage }) => stage))].sort((a, b) => a - b);
  const of = (stage: number, arm: Arm): MetricSums | undefined =>
    mine.find((one) => one.stage === stage && one.arm === arm);
  return stages.flatMap((stage) => {
    const [baseline, candidate] = [of(stage, "baseline"), of(stage, "candidate")];
    return baseline && candidate ? [{ stage, baseline, candidate }] : [];
  });
}

/** The sums of an arm over all stages: units are in one stage each, so they add up. */
export function armTotals(strata: readonly Stratum[], arm: Arm): UnitSumsWithPre {
  const of = (
    name:
      "units" | "n" | "d" | "p" | "q" | "nn" | "dd" | "nd" | "pp" | "qq" | "pq" | "np" | "nq" | "dp" | "dq",
  ): bigint => strata.reduce((sum, one) => sum + BigInt(one[arm][name]), 0n);
  const units = of("units");
  return {
    units,
    numerator: of("n"),
    denominator: of("d"),
    numeratorSquares: of("nn"),
    denominatorSquares: of("dd"),
    products: of("nd"),
    pre: {
      units,
      numerator: of("p"),
      denominator: of("q"),
      numeratorSquares: of("pp"),
      denominatorSquares: of("qq"),
      products: of("pq"),
    },
    cross: { np: of("np"), nq: of("nq"), dp: of("dp"), dq: of("dq") },
  };
}

/** With fewer units in an arm, the slope of the pre-period is noise. */
const LEAST_FOR_CUPED = 100;

export interface Ratios {
  readonly strata: readonly RatioStratum[];
  /** True when a pre-period sharpened a stage. */
  readonly isAdjusted: boolean;
}

/** Each stage's two ratios in the metric's own unit, adjusted by the pre-period where there is one. */
export function ratiosOf(strata: readonly Stratum[], scale: number): Ratios {
  let isAdjusted = false;
  const found = strata.flatMap((one): RatioStratum[] => {
    const [a, b] = [armTotals([one], "baseline"), armTotals([one], "candidate")];
    if (a.units >= LEAST_FOR_CUPED && b.units >= LEAST_FOR_CUPED) {
      const adjusted = cupedRatio(a, b);
      // What explains nothing is left out: the plain ratio is easier to read.
      if (!isRefused(adjusted) && adjusted.varianceRemoved > 0.01) {
        isAdjusted = true;
        return [{ baseline: scaled(adjusted.baseline, scale), candidate: scaled(adjusted.candidate, scale) }];
      }
    }
    const [baseline, candidate] = [ratioFromSums(a), ratioFromSums(b)];
    if (isRefused(baseline) || isRefused(candidate)) return [];
    return [{ baseline: scaled(baseline, scale), candidate: scaled(candidate, scale) }];
  });
  return { strata: found, isAdjusted };
}

function scaled({ units, ratio, variance }: UnitRatio, scale: number): UnitRatio {
  return { kind: "unit-ratio", units, ratio: ratio / scale, variance: variance / (scale * scale) };
}
