/** Money carries its period in the name: nothing here is "a cost" without saying per what. */

/** Days of a month: 365/12. */
export const DAYS_PER_MONTH = 365 / 12;

/**
 * USD a month of logged traffic. Worked value: 50 agents × 1,000 requests a day at $0.05 are $2,500
 * a day and $76,041.67 a month.
 */
export function monthlyUsd(requestsPerDay: number, usdPerRequest: number): number {
  return requestsPerDay * DAYS_PER_MONTH * usdPerRequest;
}

/** Everything paid once to get there. All are asked for: a forgotten one is a wrong answer. */
export interface OneOff {
  readonly trainingUsd: number;
  readonly labellingUsd: number;
  readonly evaluationUsd: number;
  readonly engineeringUsd: number;
}

export function oneOffUsd(parts: OneOff): number {
  return parts.trainingUsd + parts.labellingUsd + parts.evaluationUsd + parts.engineeringUsd;
}

export interface Investment {
  readonly oneOffUsd: number;
  /** USD saved each month against today; may be negative. */
  readonly monthlySavingUsd: number;
  /** USD a month that the new way costs beside its requests: upkeep, retraining, on-call. */
  readonly monthlyUpkeepUsd: number;
  readonly yearlyDiscount: number;
}

/**
 * Months until the one-off is earned back, or "never". Worked values: $275,000 at $4,500 a month is
 * 61.1 months; at a saving of 0 it is never.
 */
export function breakEvenMonths(it: Investment): number | "never" {
  const net = it.monthlySavingUsd - it.monthlyUpkeepUsd;
  if (it.oneOffUsd <= 0) return 0;
  return net > 0 ? it.oneOffUsd / net : "never";
}

/** −one-off + Σ savingₖ/(1+r)^(k/12) over the months of a horizon. */
export function netPresentValueUsd(it: Investment, months: number): number {
  const net = it.monthlySavingUsd - it.monthlyUpkeepUsd;
  let value = -it.oneOffUsd;
  for (let k = 1; k <= months; k++) value += net / (1 + it.yearlyDiscount) ** (k / 12);
  return value;
}

/** (savings − one-off)/one-off over a horizon, undiscounted; null when nothing was invested. */
export function returnOnInvestment(it: Investment, months: number): number | null {
  if (it.oneOffUsd <= 0) return null;
  return ((it.monthlySavingUsd - it.monthlyUpkeepUsd) * months - it.oneOffUsd) / it.oneOffUsd;
}
