import type { Advice } from "../../cost/advice.ts";
import { caseParts } from "../business-case.ts";
import type { CostPageData } from "../cost-page-data.ts";
import { amount, short, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { logged, spent } from "../spending.ts";
import { table } from "../table.ts";

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
