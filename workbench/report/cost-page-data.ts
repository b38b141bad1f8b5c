import type { Advice } from "../cost/advice.ts";
import type { LedgerView } from "../cost/ledger.ts";
import type { MonthFromLogs } from "../cost/log-interval.ts";
import type { CaseOutcome } from "../cost/scenario.ts";
import type { Simulated } from "../cost/simulate.ts";
import type { OptionCost, SwitchPoint } from "../cost/switch-points.ts";

/** What the cost page shows, as the caller computed it; null is not known and stays blank. */
export interface CostPageData {
  readonly report: {
    readonly runs: readonly {
      readonly run: string;
      readonly kind: string;
      readonly name: string;
      readonly requests: number | null;
      readonly pricedRequests: number | null;
      readonly requestUsd: number | null;
      readonly judgeUsd: number | null;
      readonly trainingUsd: number | null;
    }[];
    readonly ledger: LedgerView;
    readonly logs: {
      readonly calls: number;
      readonly days: number;
      readonly requestsPerDay: number | null;
      readonly ledger: LedgerView;
      readonly month: MonthFromLogs | null;
      readonly monthRefused: string | null;
      readonly segments: readonly {
        readonly agent: string | null;
        readonly taskType: string | null;
        readonly model: string | null;
        readonly requestsPerDay: number | null;
        readonly usdPerMonth: number | null;
      }[];
    } | null;
    readonly odd: readonly string[];
    readonly pricesSha256: string;
  };
  readonly cases: readonly {
    readonly scenario: string;
    readonly question: string;
    readonly horizonMonths: number;
    readonly outcome: CaseOutcome | null;
    readonly simulated: Simulated | null;
    readonly options: readonly OptionCost[];
    readonly switchPoints: readonly SwitchPoint[];
    readonly refused: string | null;
  }[];
  readonly advice: readonly Advice[];
}
