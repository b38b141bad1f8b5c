import type { Scenario } from "../schema/scenario.ts";
import { normalLower, normalUpperQuantile } from "../stats/distribution.ts";
import { seeded } from "../stats/random.ts";
import { quantile } from "../stats/ranked.ts";
import { isRefused, refused, type Refused } from "../stats/refused.ts";
import { filledIn, rangesOf } from "./inputs.ts";
import { outcomeOf, type CaseOutcome, type PlainScenario } from "./scenario.ts";
import { quantileOf, quantileTable } from "./uncertain.ts";

/** How far the net present value moves when one input goes from its p10 to its p90, the others at their medians. */
export interface Swing {
  readonly input: string;
  readonly p10: number;
  readonly p90: number;
  readonly valueAtP10Usd: number;
  readonly valueAtP90Usd: number;
}

export interface Simulated {
  readonly draws: number;
  readonly seed: number;
  readonly savesMoney: number;
  /** Share of draws that earn the one-off back within 6 months, and within the horizon. */
  readonly paysWithin6Months: number;
  readonly paysWithinHorizon: number;
  readonly savingUsdPerMonth: Band;
  readonly netPresentValueUsd: Band;
  /** Widest first. */
  readonly tornado: readonly Swing[];
}

/** Quantiles of simulated cases, USD. */
export interface Band {
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

/**
 * Monte Carlo over every range of a scenario, from its seed: independent but for the declared
 * correlations, which are of normal scores (a Gaussian copula). The same seed gives the same bits.
 */
export function simulate(scenario: Scenario): Simulated | Refused {
  const ranges = [...rangesOf(scenario)];
  const names = ranges.map(([name]) => name);
  const factor = cholesky(names, scenario.correlations);
  if (isRefused(factor)) return factor;
  const tables = ranges.map(([, range]) => quantileTable(range));
  const random = seeded(scenario.seed);
  const outcomes: CaseOutcome[] = [];
  for (let draw = 0; draw < scenario.draws; draw++) {
    const z = names.map(() => normalUpperQuantile((random.below(2 ** 32) + 0.5) / 2 ** 32));
    const values = new Map(
      names.map((name, i) => {
        const score = (factor[i] ?? []).reduce((sum, weight, j) => sum + weight * (z[j] ?? 0), 0);
        return [name, tables[i]?.(normalLower(score)) ?? 0];
      }),
    );
    const outcome = outcomeOf(filledIn(scenario, (path) => values.get(path) ?? 0));
    if (isRefused(outcome)) return outcome;
    outcomes.push(outcome);
  }
  const share = (holds: (one: CaseOutcome) => boolean): number =>
    outcomes.filter(holds).length / outcomes.length;
  return {
    draws: scenario.draws,
    seed: scenario.seed,
    savesMoney: share(({ savingUsdPerMonth }) => savingUsdPerMonth > 0),
    paysWithin6Months: share(({ breakEven }) => breakEven !== "never" && breakEven.months <= 6),
    paysWithinHorizon: share(({ breakEven }) => breakEven !== "never" && breakEven.withinHorizon),
    savingUsdPerMonth: band(outcomes.map(({ savingUsdPerMonth }) => savingUsdPerMonth)),
    netPresentValueUsd: band(outcomes.map(({ netPresentValueUsd }) => netPresentValueUsd)),
    tornado: tornado(scenario),
  };
}

/** The scenario with every range at its median: what a single figure stands for. */
export function medianCase(scenario: Scenario): PlainScenario {
  const ranges = rangesOf(scenario);
  return filledIn(scenario, (path) => quantileOf(ranges.get(path) ?? 0, 0.5));
}

function tornado(scenario: Scenario): readonly Swing[] {
  const ranges = rangesOf(scenario);
  const valueAt = (input: string, p: number): number => {
    const outcome = outcomeOf(
      filledIn(scenario, (path) => quantileOf(ranges.get(path) ?? 0, path === input ? p : 0.5)),
    );
    return isRefused(outcome) ? 0 : outcome.netPresentValueUsd;
  };
  const swings = [...ranges].map(([input, range]): Swing => {
    const [p10, p90] = [quantileOf(range, 0.1), quantileOf(range, 0.9)];
    return { input, p10, p90, valueAtP10Usd: valueAt(input, 0.1), valueAtP90Usd: valueAt(input, 0.9) };
  });
  const width = ({ valueAtP10Usd, valueAtP90Usd }: Swing): number => Math.abs(valueAtP90Usd - valueAtP10Usd);
  return swings.sort((a, b) => width(b) - width(a));
}

function band(values: readonly number[]): Band {
  const at = (p: number): number => {
    const found = quantile(values, p);
    return isRefused(found) ? 0 : found;
  };
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}

/** Lower factor of the correlation matrix; refused when no such set of correlations can be. */
function cholesky(
  names: readonly string[],
  correlations: Scenario["correlations"],
): readonly (readonly number[])[] | Refused {
  const matrix = names.map((_, i) => names.map((__, j): number => (i === j ? 1 : 0)));
  for (const { between, rho } of correlations) {
    const [i, j] = between.map((name) => names.indexOf(name)) as [number, number];
    const missing = between.find((name) => !names.includes(name));
    if (missing !== undefined) return refused(`correlations name ${missing}, which has no range`);
    if (i === j) return refused(`correlations name ${between[0]} twice`);
    for (const [a, b] of [
      [i, j],
      [j, i],
    ] as const) {
      const row = matrix[a];
      if (row) row[b] = rho;
    }
  }
  const lower = names.map(() => names.map(() => 0));
  for (const [i, row] of lower.entries())
    for (let j = 0; j <= i; j++) {
      const other = lower[j] ?? [];
      const rest =
        (matrix[i]?.[j] ?? 0) - row.slice(0, j).reduce((sum, v, k) => sum + v * (other[k] ?? 0), 0);
      if (i === j && rest <= 0) return refused("these correlations contradict each other");
      row[j] = i === j ? Math.sqrt(rest) : rest / (other[j] ?? 1);
    }
  return lower;
}
