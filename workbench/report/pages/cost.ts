import type { Advice } from "../../cost/advice.ts";
import type { LedgerView } from "../../cost/ledger.ts";
import type { MonthFromLogs } from "../../cost/log-interval.ts";
import type { CaseOutcome } from "../../cost/scenario.ts";
import type { Simulated } from "../../cost/simulate.ts";
import type { OptionCost, SwitchPoint } from "../../cost/switch-points.ts";
import { caseParts } from "../business-case.ts";
import { amount, short, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { logged, spent } from "../spending.ts";
import { table } from "../table.ts";

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

const SHOWN = 15;

/** The cost page: what was spent, what a month will be, which cases pay, and what would cost less. */
export function costPage(data: CostPageData | null): string {
  const head = [
    html`<h1>Cost</h1>`,
    html`<p class="lead">What was spent, what a month will cost, and whether a change pays. A blank is not known; it is never counted as 0.</p>`,
  ];
  if (data === null)
    return page("Cost", [...head, html`<p>Not computed in this build: workbench report build does.</p>`]);
  const { report, cases, advice } = data;
  return page("Cost", [
    ...head,
    ...report.odd.map((text) => html`<p class="muted">${text}</p>`),
    ...spent(report),
    ...logged(report.logs),
    ...cases.flatMap(caseParts),
    ...advised(advice),
    html`<p class="muted">Prices are those of table <code>${short(report.pricesSha256)}</code>.</p>`,
  ]);
}

function advised(advice: readonly Advice[]): readonly Html[] {
  if (advice.length === 0) return [];
  return [
    html`<h2>What would cost less</h2>`,
    table({
      caption: "Estimated from logs, each under its own assumption; savings do not add up",
      head: ["advice", "where", "saving a month", "95 % interval", "if"],
      numeric: [2],
      rows: advice
        .slice(0, SHOWN)
        .map((one) => [
          html`${one.kind}`,
          html`${one.where}`,
          amount(one.savingUsdPerMonth),
          html`${one.lower === null || one.upper === null ? (one.blank ?? "") : `${usd(one.lower)} to ${usd(one.upper)}`}`,
          html`${one.assumption}`,
        ]),
    }),
  ];
}
