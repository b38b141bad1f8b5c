import type { BreakEven } from "../cost/scenario.ts";
import { amount, grouped, usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { CostPageData } from "./cost-page-data.ts";
import { table } from "./table.ts";
import { tornadoChart } from "./tornado.ts";

type Case = CostPageData["cases"][number];
type Settled = Case & {
  readonly outcome: NonNullable<Case["outcome"]>;
  readonly simulated: NonNullable<Case["simulated"]>;
};

/** One business case: its answer in a sentence, its figures, what moves them, and the other ways to host. */
export function caseParts(it: Case): readonly Html[] {
  const { outcome, simulated } = it;
  const title = html`<h2>${it.question}</h2>`;
  if (outcome === null || simulated === null) return [title, html`<p>Not known: ${it.refused ?? ""}.</p>`];
  const settled = { ...it, outcome, simulated };
  return [
    title,
    html`<p>${answer(settled)}</p>`,
    html`<p class="muted">The assumptions, each with its range, are in <code>${fileOf(it)}</code>.</p>`,
    figures(settled),
    tornadoChart(simulated.tornado.slice(0, 8), it.horizonMonths),
    ways(it),
    switches(it),
  ];
}

/** A scenario is named as the command names it: by its name, or by a path. */
const fileOf = ({ scenario }: Case): string =>
  /\.ya?ml$/.test(scenario) ? scenario : `evals/scenarios/${scenario}.yaml`;

/** Yes or no where nine draws in ten agree; "it depends" where they do not. */
function answer({ outcome, simulated, horizonMonths }: Settled): string {
  const { p5, p95 } = simulated.netPresentValueUsd;
  const word = p5 > 0 ? "Yes" : p95 < 0 ? "No" : "It depends";
  const saved = outcome.savingUsdPerMonth;
  const month = saved >= 0 ? `${usd(saved)} a month is saved` : `${usd(-saved)} a month more is spent`;
  return `${word}: within ${horizonMonths} months it earns back its cost in ${(simulated.paysWithinHorizon * 100).toFixed(0)} of 100 draws over the assumptions (${grouped(simulated.draws)} were made). In the middle of all of them ${month}, against ${usd(outcome.oneOffUsd)} paid once.`;
}

function figures({ outcome, simulated, horizonMonths }: Settled): Html {
  const { netPresentValueUsd: npv, savingUsdPerMonth: saving } = simulated;
  const between = ({ p5, p95 }: { p5: number; p95: number }): string => `${usd(p5)} to ${usd(p95)}`;
  const row = (name: string, value: Html, note = ""): readonly Html[] => [
    html`${name}`,
    value,
    html`${note}`,
  ];
  return table({
    caption: "In the middle of every assumption, and where nine draws in ten lie",
    head: ["figure", "middle", "nine in ten"],
    numeric: [1],
    rows: [
      row("today, a month", amount(outcome.baselineUsdPerMonth)),
      row("new, a month, upkeep included", amount(outcome.candidateUsdPerMonth)),
      row("saving, a month", amount(outcome.savingUsdPerMonth), between(saving)),
      row("paid once", amount(outcome.oneOffUsd)),
      row("earned back", html`${breakEven(outcome.breakEven, horizonMonths)}`),
      row(`worth today, over ${horizonMonths} months`, amount(outcome.netPresentValueUsd), between(npv)),
    ],
  });
}

function breakEven(it: BreakEven, horizonMonths: number): string {
  if (it === "never") return "never";
  const after = `after ${it.months.toFixed(1)} months`;
  return it.withinHorizon ? after : `${after}, not within the horizon of ${horizonMonths}`;
}

function ways({ options }: Case): Html {
  const isWhole = options.every(({ why }) => why === null);
  return table({
    caption: "Ways side by side at today's volume, the cheapest first: running and repair, without upkeep",
    head: ["way", "a month", ...(isWhole ? [] : ["why it is blank"])],
    numeric: [1],
    rows: options.map(({ name, usdPerMonth, why }) => [
      html`${name}`,
      amount(usdPerMonth),
      ...(isWhole ? [] : [html`${why ?? ""}`]),
    ]),
  });
}

function switches({ switchPoints }: Case): Html {
  if (switchPoints.length === 0) return html`<p class="muted">One way is the cheapest at every volume.</p>`;
  return table({
    caption: "Where the cheapest way changes with volume",
    head: ["from requests a day", "cheapest", "until then"],
    numeric: [0],
    rows: switchPoints
      .slice(0, 6)
      .map(({ requestsPerDay, from, to }) => [
        html`${grouped(Math.round(requestsPerDay))}`,
        html`${to}`,
        html`${from}`,
      ]),
  });
}
