import type { Advice } from "../../cost/advice.ts";
import type { LedgerView, TallyView } from "../../cost/ledger.ts";
import type { MonthFromLogs } from "../../cost/log-interval.ts";
import type { BreakEven, CaseOutcome } from "../../cost/scenario.ts";
import type { Simulated } from "../../cost/simulate.ts";
import type { OptionCost, SwitchPoint } from "../../cost/switch-points.ts";
import { short, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { table } from "../table.ts";
import { tornadoChart } from "../tornado.ts";

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
    html`<p class="lead">Blank is not known: nothing unpriced is counted as free, and no sum hides it.</p>`,
  ];
  if (data === null)
    return page("Cost", [...head, html`<p>Not computed in this build: workbench report build does.</p>`]);
  const { report, cases, advice } = data;
  return page("Cost", [
    ...head,
    ...report.odd.map((text) => html`<p class="muted">${text}</p>`),
    ...spent(report),
    ...logged(report.logs),
    ...cases.flatMap(businessCase),
    ...advised(advice),
    html`<p class="muted">Price table ${short(report.pricesSha256)}.</p>`,
  ]);
}

/** An amount as the page shows it: what is not known is an empty cell. */
const amount = (value: number | null): Html => html`${value === null ? "" : usd(value)}`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function spent({ runs, ledger }: CostPageData["report"]): readonly Html[] {
  if (runs.length === 0) return [html`<p>No finished evaluation or training run yet.</p>`];
  return [
    html`<h2>What runs cost</h2>`,
    table({
      caption: "Finished runs; calls to judges and training stand apart",
      head: ["run", "kind", "priced calls", "answers", "judges", "training"],
      numeric: [2, 3, 4, 5],
      rows: [
        ...runs
          .slice(-SHOWN)
          .map((run) => [
            html`<a href="./runs/${run.run}">${run.name}</a>`,
            html`${run.kind}`,
            html`${run.requests === null ? "" : `${run.pricedRequests ?? 0} of ${run.requests}`}`,
            amount(run.requestUsd),
            amount(run.judgeUsd),
            amount(run.trainingUsd),
          ]),
        [
          html`all ${runs.length} runs`,
          html``,
          html`${ledger.answers.priced} of ${ledger.answers.count}`,
          amount(ledger.answers.usd),
          amount(ledger.judges.usd),
          amount(ledger.training.usd),
        ],
      ],
    }),
  ];
}

function logged(logs: CostPageData["report"]["logs"]): readonly Html[] {
  if (logs === null) return [html`<p>No logged call yet.</p>`];
  const row = (name: string, { count, priced, usd: sum }: TallyView): readonly Html[] => [
    html`${name}`,
    html`${priced} of ${count}`,
    amount(sum),
  ];
  const { month, ledger } = logs;
  const sentence =
    month === null
      ? html`<p>A month is not projected: ${logs.monthRefused ?? ""}.</p>`
      : html`<p>
          ${logs.calls} calls in ${logs.days} days are ${usd(month.usdPerMonth)} a month; a later week will lie
          between ${usd(month.lower)} and ${usd(month.upper)} a month (${percent(month.level)}, ${month.users}
          users).
        </p>`;
  return [
    html`<h2>What the logged calls cost</h2>`,
    sentence,
    table({
      caption: "Logged calls by what they were for",
      head: ["calls", "priced", "cost"],
      numeric: [1, 2],
      rows: [
        row("answers", ledger.answers),
        row("retries", ledger.retries),
        row("failed", ledger.failed),
        row("all", ledger.total),
      ],
    }),
    table({
      caption: "By agent, task and model, the dearest first",
      head: ["agent", "task", "model", "a day", "a month"],
      numeric: [3, 4],
      rows: [...logs.segments]
        .sort((a, b) => (b.usdPerMonth ?? 0) - (a.usdPerMonth ?? 0))
        .slice(0, SHOWN)
        .map((one) => [
          html`${one.agent ?? "–"}`,
          html`${one.taskType ?? "–"}`,
          html`${one.model ?? "–"}`,
          html`${one.requestsPerDay === null ? "" : one.requestsPerDay.toFixed(1)}`,
          amount(one.usdPerMonth),
        ]),
    }),
  ];
}

function breakEven(it: BreakEven, horizonMonths: number): string {
  if (it === "never") return "never";
  const after = `after ${it.months.toFixed(1)} months`;
  return it.withinHorizon ? after : `${after}, not within the horizon of ${horizonMonths}`;
}

function businessCase(it: CostPageData["cases"][number]): readonly Html[] {
  const title = html`<h2>${it.question}</h2>`;
  const { outcome, simulated } = it;
  if (outcome === null || simulated === null) return [title, html`<p>Not known: ${it.refused ?? ""}.</p>`];
  const figure = (name: string, value: Html, note: string): readonly Html[] => [
    html`${name}`,
    value,
    html`${note}`,
  ];
  const { netPresentValueUsd: npv, savingUsdPerMonth: saving } = simulated;
  const between = ({ p5, p95 }: { p5: number; p95: number }): string => `${usd(p5)} to ${usd(p95)}`;
  return [
    title,
    table({
      caption: "At the median of every assumption, and over all of them",
      head: ["figure", "median", "90 % of draws"],
      numeric: [1],
      rows: [
        figure("today, a month", amount(outcome.baselineUsdPerMonth), ""),
        figure("new, a month", amount(outcome.candidateUsdPerMonth), ""),
        figure("saving, a month", amount(outcome.savingUsdPerMonth), between(saving)),
        figure("paid once", amount(outcome.oneOffUsd), ""),
        figure(
          "pays back",
          html`${breakEven(outcome.breakEven, it.horizonMonths)}`,
          `within 6 months in ${percent(simulated.paysWithin6Months)}`,
        ),
        figure(`present value, ${it.horizonMonths} months`, amount(outcome.netPresentValueUsd), between(npv)),
        figure("saves money", html``, `in ${percent(simulated.savesMoney)} of ${simulated.draws} draws`),
      ],
    }),
    tornadoChart(simulated.tornado.slice(0, 8)),
    table({
      caption: "Ways side by side, the cheapest first",
      head: ["way", "a month", "why it is blank"],
      numeric: [1],
      rows: it.options.map(({ name, usdPerMonth, why }) => [
        html`${name}`,
        amount(usdPerMonth),
        html`${why ?? ""}`,
      ]),
    }),
    ...it.switchPoints
      .slice(0, 6)
      .map(
        ({ requestsPerDay, from, to }) =>
          html`<p class="muted">From ${Math.round(requestsPerDay)} requests a day: ${to} instead of ${from}.</p>`,
      ),
  ];
}

function advised(advice: readonly Advice[]): readonly Html[] {
  if (advice.length === 0) return [];
  return [
    html`<h2>What would cost less</h2>`,
    table({
      caption: "Estimated from logs, each under its own assumption; savings do not add up",
      head: ["advice", "where", "saving a month", "95 %", "if"],
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
