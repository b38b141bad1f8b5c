import {
  breakEvenMonths,
  monthlyUsd,
  netPresentValueUsd,
  returnOnInvestment,
  type Investment,
} from "../cost/projection.ts";
import type { CostCard } from "../schema/decision.ts";

/** The few figures of a quick projection; the rest comes from a decision's cost card. */
export interface Volume {
  readonly requestsPerDay: number;
  /** Paid once beside the training that the card knows: labels, evaluation, engineering. */
  readonly oneOffUsd: number;
  readonly monthlyUpkeepUsd: number;
  readonly yearlyDiscount: number;
}

/** A decision's cost card carried over a team's volume; null where a price is not known. */
export interface Projected {
  readonly baselineUsdPerMonth: number | null;
  readonly candidateUsdPerMonth: number | null;
  readonly monthlySavingUsd: number | null;
  readonly oneOffUsd: number;
  readonly breakEvenMonths: number | "never" | null;
  readonly netPresentValueUsd: { readonly months12: number; readonly months24: number } | null;
  readonly returnOnInvestment: { readonly months12: number | null; readonly months24: number | null } | null;
  readonly notes: readonly string[];
}

/** USD a month of both arms at a volume, and when the one-off is earned back. */
export function projectCard(card: CostCard, scenario: Volume): Projected {
  const month = (usdPerThousand: number | null): number | null =>
    usdPerThousand === null ? null : monthlyUsd(scenario.requestsPerDay, usdPerThousand / 1000);
  const baseline = month(card.baseline.usdPerThousand);
  const candidate = month(card.candidate.usdPerThousand);
  const oneOffUsd = scenario.oneOffUsd + (card.training?.usd ?? 0);
  const notes = card.training?.usd === null ? ["the training cost is not known and not in the one-off"] : [];
  const shared = { baselineUsdPerMonth: baseline, candidateUsdPerMonth: candidate, oneOffUsd };
  if (baseline === null || candidate === null) {
    const unknown = {
      monthlySavingUsd: null,
      breakEvenMonths: null,
      netPresentValueUsd: null,
      returnOnInvestment: null,
    };
    return { ...shared, ...unknown, notes: [...notes, ...card.notes] };
  }
  const it: Investment = { ...scenario, oneOffUsd, monthlySavingUsd: baseline - candidate };
  return {
    ...shared,
    monthlySavingUsd: it.monthlySavingUsd,
    breakEvenMonths: breakEvenMonths(it),
    netPresentValueUsd: { months12: netPresentValueUsd(it, 12), months24: netPresentValueUsd(it, 24) },
    returnOnInvestment: { months12: returnOnInvestment(it, 12), months24: returnOnInvestment(it, 24) },
    notes,
  };
}
