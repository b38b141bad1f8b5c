import { pow } from "../stats/elementary.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import { DAYS_PER_MONTH, oneOffUsd, type OneOff } from "./projection.ts";
import { monthlyUsdOf, type Load, type PlainWay } from "./ways.ts";

/** A business case, every number settled (schema/scenario.ts says what each means). */
export interface PlainScenario {
  readonly requestsPerDay: number;
  readonly tokensPerRequest?: { readonly input: number; readonly output: number };
  readonly growthPerYear: number;
  readonly baseline: PlainWay;
  readonly candidate: PlainWay;
  readonly reworkUsd?: number;
  readonly oneOff: OneOff;
  readonly upkeepUsdPerMonth: number;
  readonly retraining: { readonly perYear: number; readonly usd: number };
  readonly apiPriceCutPerYear: number;
  readonly yearlyDiscount: number;
  readonly horizonMonths: number;
  readonly options: Readonly<Record<string, PlainWay>>;
}

/** Months until the one-off is earned back: later than the horizon is said, and never is a word. */
export type BreakEven = { readonly months: number; readonly withinHorizon: boolean } | "never";

/** What a business case comes to. USD; the first month is as logged, later ones grow. */
export interface CaseOutcome {
  readonly oneOffUsd: number;
  readonly baselineUsdPerMonth: number;
  readonly candidateUsdPerMonth: number;
  readonly savingUsdPerMonth: number;
  readonly breakEven: BreakEven;
  readonly netPresentValueUsd: number;
  readonly netPresentValue12Usd: number;
  readonly netPresentValue24Usd: number;
  /** (savings − one-off)/one-off, undiscounted; null when nothing was invested. */
  readonly returnOnInvestment12: number | null;
  readonly returnOnInvestment24: number | null;
}

/** Fifty years: what is not earned back by then is never. */
const LONGEST_MONTHS = 600;

/**
 * Carries a case through its months. Worked value (M3): $275,000 once for $4,500 a month is 61.1 months,
 * so at a horizon of 24 months it is not earned back within it, and the return on investment is −61 %.
 */
export function outcomeOf(it: PlainScenario): CaseOutcome | Refused {
  const first = monthOf(it, loadOf(it, 1));
  if (isRefused(first)) return first;
  const once = oneOffUsd(it.oneOff);
  const savings: number[] = [];
  const last = Math.max(24, it.horizonMonths);
  let value = -once;
  const values = [value];
  const monthlyDiscount = pow(1 + it.yearlyDiscount, 1 / 12);
  let discount = 1;
  for (const saved of savingsOf(it, last)) {
    savings.push(saved);
    discount *= monthlyDiscount;
    value += saved / discount;
    values.push(value);
  }
  const returned = (months: number): number | null =>
    once > 0 ? (savings.slice(0, months).reduce((sum, usd) => sum + usd, 0) - once) / once : null;
  return {
    oneOffUsd: once,
    baselineUsdPerMonth: first.baselineUsd,
    candidateUsdPerMonth: first.candidateUsd,
    savingUsdPerMonth: first.baselineUsd - first.candidateUsd,
    breakEven: breakEvenOf(it, once),
    netPresentValueUsd: values[it.horizonMonths] ?? value,
    netPresentValue12Usd: values[12] ?? value,
    netPresentValue24Usd: values[24] ?? value,
    returnOnInvestment12: returned(12),
    returnOnInvestment24: returned(24),
  };
}

function breakEvenOf(it: PlainScenario, once: number): BreakEven {
  if (once <= 0) return { months: 0, withinHorizon: true };
  let [left, k] = [once, 0];
  for (const saved of savingsOf(it, LONGEST_MONTHS)) {
    if (saved >= left) {
      const months = k + left / saved;
      return { months, withinHorizon: months <= it.horizonMonths };
    }
    // What saves nothing and does not change never will.
    if (saved <= 0 && isConstant(it)) return "never";
    left -= saved;
    k++;
  }
  return "never";
}

const isConstant = (it: PlainScenario): boolean => it.growthPerYear === 0 && it.apiPriceCutPerYear === 0;

/** Saving of each month in turn. Factors are multiplied up: a power a month would be most of the work. */
function* savingsOf(it: PlainScenario, months: number): Generator<number> {
  const growth = pow(1 + it.growthPerYear, 1 / 12);
  const cut = pow(1 - it.apiPriceCutPerYear, 1 / 12);
  let load = loadOf(it, 1);
  for (let k = 1; k <= months; k++) {
    const month = monthOf(it, load);
    if (isRefused(month)) return;
    yield month.baselineUsd - month.candidateUsd;
    load = {
      ...load,
      requestsPerMonth: load.requestsPerMonth * growth,
      apiPriceFactor: load.apiPriceFactor * cut,
    };
  }
}

interface Month {
  readonly baselineUsd: number;
  /** With upkeep and its share of retraining. */
  readonly candidateUsd: number;
}

function monthOf(it: PlainScenario, load: Load): Month | Refused {
  const baseline = withRework(it.baseline, it, load);
  if (isRefused(baseline)) return baseline;
  const candidate = withRework(it.candidate, it, load);
  if (isRefused(candidate)) return candidate;
  const retraining = (it.retraining.perYear * it.retraining.usd) / 12;
  return { baselineUsd: baseline, candidateUsd: candidate + it.upkeepUsdPerMonth + retraining };
}

/** The load of month k: requests a day × 365/12, grown, and API prices as cut by then. */
export function loadOf(it: PlainScenario, k: number): Load {
  const years = (k - 1) / 12;
  return {
    requestsPerMonth: it.requestsPerDay * DAYS_PER_MONTH * pow(1 + it.growthPerYear, years),
    tokensPerRequest: it.tokensPerRequest ?? null,
    apiPriceFactor: pow(1 - it.apiPriceCutPerYear, years),
  };
}

/** A way's month with the repair of what failed, where both are known. */
export function withRework(
  way: PlainWay,
  { reworkUsd }: Pick<PlainScenario, "reworkUsd">,
  load: Load,
): number | Refused {
  const usd = monthlyUsdOf(way, load);
  if (isRefused(usd) || reworkUsd === undefined || way.success === undefined) return usd;
  return usd + load.requestsPerMonth * (1 - way.success) * reworkUsd;
}
