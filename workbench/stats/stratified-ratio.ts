import { tLower, tUpper, tUpperQuantile } from "./distribution.ts";
import { estimateOf, testOf, type Estimate, type Test } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import type { UnitRatio } from "./ratio-by-unit.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/** Two arms of one stratum (a stage of a ramp): units were randomised inside it. */
export interface RatioStratum {
  readonly baseline: UnitRatio;
  readonly candidate: UnitRatio;
}

/** How the contrast candidate − ratio·baseline is read. */
export interface ContrastOptions {
  readonly alpha: number;
  readonly ratio?: number;
  readonly estimator?: string;
}

/**
 * Σ wₛ(Bₛ − k·Aₛ) with wₛ the stratum's share of units: the difference is taken inside each stage and
 * then weighted, so that a change of traffic or of the split between stages cannot look like an effect.
 * t interval, Satterthwaite's df over every arm of every stratum. With one stratum it is `ratioContrast`.
 * Source: Cochran 1977, ch. 5A. Worked value: two strata of 2+2 and 4+4 units, differences 0.1 and 0.4:
 * (4·0.1 + 8·0.4)/12 = 0.3.
 */
export function stratifiedRatio(
  strata: readonly RatioStratum[],
  options: ContrastOptions,
): Estimate | Refused {
  const bad = badAlpha(options.alpha);
  if (bad) return bad;
  const fit = weighted(strata, options.ratio ?? 1);
  if ("kind" in fit) return fit;
  const half = tUpperQuantile(options.alpha, fit.df) * fit.standardError;
  return estimateOf({
    estimator: options.estimator ?? "delta-ratio@1",
    n: fit.units,
    estimate: fit.value,
    lower: fit.value - half,
    upper: fit.value + half,
    alpha: options.alpha,
    standardError: fit.standardError,
    degreesOfFreedom: fit.df,
  });
}

/** The t test that the same contrast equals `nullValue`. */
export function stratifiedRatioTest(
  strata: readonly RatioStratum[],
  nullValue: number,
  ratio = 1,
): Test | Refused {
  const fit = weighted(strata, ratio);
  if ("kind" in fit) return fit;
  const statistic = (fit.value - nullValue) / fit.standardError;
  const tails = { pGreater: tUpper(statistic, fit.df), pLess: tLower(statistic, fit.df) };
  return testOf({ test: "delta-ratio@1", n: fit.units, statistic, nullValue, ...tails });
}

interface Fit {
  readonly units: number;
  readonly value: number;
  readonly standardError: number;
  readonly df: number;
}

function weighted(strata: readonly RatioStratum[], ratio: number): Fit | Refused {
  if (strata.length === 0) return refused("no stage holds two units in each arm");
  if (!(ratio > 0 && Number.isFinite(ratio))) return refused(`ratio must be positive, got ${ratio}`);
  const units = sumOf(strata, ({ baseline, candidate }) => baseline.units + candidate.units);
  const parts = strata.flatMap(({ baseline, candidate }) => {
    const weight = (baseline.units + candidate.units) / units;
    return [
      { variance: weight * weight * ratio * ratio * baseline.variance, df: baseline.units - 1 },
      { variance: weight * weight * candidate.variance, df: candidate.units - 1 },
    ];
  });
  const variance = sumOf(parts, (part) => part.variance);
  if (!(variance > 0)) return refused("zero-variance: no unit differs from another in either arm");
  const squares = sumOf(parts, (part) => (part.variance * part.variance) / part.df);
  const value = sumOf(
    strata,
    ({ baseline, candidate }) =>
      ((baseline.units + candidate.units) / units) * (candidate.ratio - ratio * baseline.ratio),
  );
  return { units, value, standardError: Math.sqrt(variance), df: (variance * variance) / squares };
}
