import type { ArmCost, CostCard } from "../schema/decision.ts";
import { grouped, usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";

const ROWS: readonly (readonly [name: string, of: (arm: ArmCost) => number | null])[] = [
  ["1 000 answers", ({ usdPerThousand }) => usdPerThousand],
  ["1 000 right answers", ({ usdPerSuccess }) => thousand(usdPerSuccess)],
  ["1 000 tasks, wrong ones repaired", ({ allInUsdPerTask }) => thousand(allInUsdPerTask)],
  ["judge calls of this run", ({ judgeUsd }) => judgeUsd],
];

function thousand(usdEach: number | null): number | null {
  return usdEach === null ? null : usdEach * 1000;
}

/** Cost of both arms as the decision recorded it; what has no price is blank, never 0. */
export function costCard(cost: CostCard): Html {
  const { baseline, candidate } = cost;
  const known = ROWS.filter(([, of]) => of(baseline) !== null || of(candidate) !== null);
  if (known.length === 0) return html`<p>Not measured: no price is known for these models.</p>`;
  const costs = table({
    caption: "What each arm costs, from the tokens of this run and the dated price table",
    head: ["cost", "baseline", "candidate"],
    numeric: [1, 2],
    rows: known.map(([name, of]) => [html`${name}`, html`${usd(of(baseline))}`, html`${usd(of(candidate))}`]),
  });
  return html`${costs}
    <p>${breakEven(cost)}</p>
    ${cost.reworkUsd === null ? html`` : html`<p class="muted">Repairing a wrong answer is set to ${usd(cost.reworkUsd)}.</p>`}
    ${cost.notes.map((note) => html`<p class="muted">${note}</p>`)}`;
}

function breakEven({ training, breakEvenRequests }: CostCard): string {
  const spent =
    training === null
      ? "The cost of training is not known."
      : `${training.seconds === null ? "How long training took was not measured" : `Training took ${grouped(Math.round(training.seconds))} s`}; ${training.usd === null ? "what it cost is not known" : `it cost ${usd(training.usd)}`}.`;
  if (breakEvenRequests === null) return `${spent} When it is earned back cannot be computed.`;
  if (breakEvenRequests === "never")
    return `${spent} At these prices it is never earned back by price alone.`;
  return `${spent} It is earned back after ${grouped(Math.ceil(breakEvenRequests))} requests.`;
}
