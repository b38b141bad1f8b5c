import { amount, grouped, percent, usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";
import type { TallyView } from "../cost/ledger.ts";
import type { CostPageData } from "./cost-page-data.ts";

/** Rows that a table shows of what may be thousands. */
const SHOWN = 15;

/** What finished runs cost, the newest last. */
export function spent({ runs, ledger }: CostPageData["report"]): readonly Html[] {
  if (runs.length === 0) return [html`<p>No finished evaluation or training run yet.</p>`];
  return [
    html`<h2>What runs cost</h2>`,
    table({
      caption: "Finished runs; calls to judges and training stand apart",
      head: ["run", "kind", "calls with a price", "answers", "judges", "training"],
      numeric: [2, 3, 4, 5],
      rows: [
        ...runs
          .slice(-SHOWN)
          .map((run) => [
            html`<a href="./runs/${run.run}">${run.name}</a>`,
            html`${run.kind}`,
            html`${run.requests === null ? "" : `${grouped(run.pricedRequests ?? 0)} of ${grouped(run.requests)}`}`,
            amount(run.requestUsd),
            amount(run.judgeUsd),
            amount(run.trainingUsd),
          ]),
        [
          html`${runs.length === 1 ? "all" : `all ${runs.length} runs`}`,
          html``,
          html`${grouped(ledger.answers.priced)} of ${grouped(ledger.answers.count)}`,
          amount(ledger.answers.usd),
          amount(ledger.judges.usd),
          amount(ledger.training.usd),
        ],
      ],
    }),
  ];
}

/** What the logged calls cost, and what a month of them will. */
export function logged(logs: CostPageData["report"]["logs"]): readonly Html[] {
  if (logs === null) return [html`<p>No logged call yet.</p>`];
  const row = (name: string, { count, priced, usd: sum }: TallyView): readonly Html[] => [
    html`${name}`,
    html`${grouped(priced)} of ${grouped(count)}`,
    count === 0 ? html`none` : amount(sum),
  ];
  const { month, ledger } = logs;
  const sentence =
    month === null
      ? html`<p>A month is not projected: ${logs.monthRefused ?? ""}.</p>`
      : html`<p>
          ${grouped(logs.calls)} calls in ${logs.days} days: at this rate ${usd(month.usdPerMonth)} a month. A later
          week is expected between ${usd(month.lower)} and ${usd(month.upper)} a month (${percent(month.level)}
          interval, from ${month.users} users).
        </p>`;
  return [
    html`<h2>What the logged calls cost</h2>`,
    sentence,
    table({
      caption: "Logged calls by what they were for",
      head: ["calls", "with a price", "cost"],
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
      head: ["agent", "task", "model", "calls a day", "cost a month"],
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
