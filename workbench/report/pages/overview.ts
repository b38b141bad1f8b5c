import { grouped, level, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import type { Source } from "../evidence.ts";
import type { Calls, Figures, Groups, Overview } from "../overview/overview.ts";
import { provenance } from "../provenance.ts";
import { stackedBars } from "../stacked-bars.ts";
import { timeLines } from "../time-lines.ts";
import { storedParts } from "./overview-imports.ts";
import { OTHERS, figureTable, outcome, percent, shortName } from "./overview-tables.ts";

export interface OverviewPageParts {
  /** Null when nothing was imported. */
  readonly overview: Overview | null;
  /** Manifests of the newest imports. */
  readonly sources: readonly Source[];
}

/** The overview page: volume, cost, latency, quality and feedback of the store, and what became of every record. */
export function overviewPage({ overview, sources }: OverviewPageParts): string {
  const head = [
    html`<h1>Overview</h1>`,
    html`<p class="lead">What the interaction store holds: counts and rates, no text of any log.</p>`,
  ];
  if (overview === null)
    return page("Overview", [...head, html`<p>Nothing is imported yet: workbench ingest reads logs.</p>`]);
  return page("Overview", [
    ...head,
    ...(overview.calls === null
      ? [few(overview)]
      : [...callParts(overview, overview.calls), people(overview)]),
    ...storedParts(overview),
    provenance(sources, [["imports in all", grouped(overview.imports.length)]]),
  ]);
}

function few({ interactions }: Overview): Html {
  return interactions === 0
    ? html`<p>No interaction is stored yet.</p>`
    : html`<p>Fewer than five people made the stored interactions, so nothing about them is shown.</p>`;
}

function people({ interactions, withUser }: Overview): Html {
  const unnamed = interactions - withUser;
  return html`<p class="muted">
    Groups of fewer than five users are merged into others or left out, and so is the smallest other group where a
    difference would give them away.
    ${unnamed > 0 ? html`${grouped(unnamed)} interactions name no user: there each conversation, trace or call counts as one.` : ""}
  </p>`;
}

function callParts(overview: Overview, calls: Calls): readonly Html[] {
  return [cards(overview, calls), ...volume(calls, overview.dated), ...groupTables(calls), ...outcome(calls)];
}

function cards({ users, withUser }: Overview, { total, withFeedback, periods }: Calls): Html {
  const days = periods.flatMap(({ key }) => (key === null ? [] : [key]));
  const span = days.length === 0 ? "" : `${days[0]} to ${days.at(-1)}`;
  const cost = total.costUsd === null ? "not known" : usd(total.costUsd);
  const given = [
    card("interactions", grouped(total.calls), span),
    card(
      "users",
      withUser === 0 ? "not named" : grouped(users),
      `${percent(withUser, total.calls)} of calls name one`,
    ),
    card(
      "errors",
      percent(total.errors, total.calls),
      `${grouped(total.errors)} calls; ${grouped(total.cut)} cut short`,
    ),
    card("cost as logged", cost, priced(total)),
    card("with feedback", percent(withFeedback, total.calls), `${grouped(withFeedback)} interactions`),
  ];
  return html`<div class="cards">${given}</div>`;
}

function card(name: string, value: string, note: string): Html {
  return html`<div class="card"><p class="card-name">${name}</p><p class="card-value">${value}</p><p class="muted">${note}</p></div>`;
}

function priced({ priced: known, calls }: Figures): string {
  return known === calls
    ? "every call has a price"
    : `${grouped(calls - known)} calls have no price and are not in it`;
}

function volume(calls: Calls, dated: number): readonly Html[] {
  const { period, periods, models, agents } = calls;
  const shown = periods.filter(({ key }) => key !== null);
  const rest = periods.find(({ key }) => key === null);
  if (shown.length === 0) {
    const why =
      dated === 0 ? "No call says when it was made." : `No ${period} has calls of five people or more.`;
    return [html`<h2>Over time</h2>`, html`<p>${why}</p>`];
  }
  const lines = ["p50", "p95", "p99"].map((name, n) => ({
    name,
    points: shown.flatMap(({ key, latencyMs }) => {
      const value = latencyMs?.[n];
      return key === null || value === undefined ? [] : [[key, value] as const];
    }),
  }));
  const errors = shown.map((one) => [one.key ?? "", one.errors / one.calls] as const);
  return [
    html`<h2>Over time</h2>`,
    html`<div class="curves">
      ${stacked(`Interactions per ${period}, by model`, models)}
      ${agents.figures.length > 1 ? stacked(`Interactions per ${period}, by agent`, agents) : ""}
      ${timeLines({ title: `Latency per ${period}`, lines, write: duration })}
      ${timeLines({ title: `Share of errors per ${period}`, lines: [{ name: "errors", points: errors }], write: (value) => level(value, "share") })}
    </div>`,
    rest
      ? html`<p class="muted">${grouped(rest.calls)} interactions are not drawn: they have no time, or their ${period} has few users.</p>`
      : html``,
    html`<details><summary>The same figures as a table, one row per ${period}</summary>${figureTable(`Interactions per ${period}`, period, periods)}</details>`,
  ];
}

/** Short enough for an axis. Worked values: 250 is "250 ms", 1500 is "1.5 s". */
function duration(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Math.round(ms)} ms`;
}

function stacked(title: string, { figures, cells }: Groups): Html {
  const keys = figures.flatMap(({ key }) => (key === null ? [] : [key]));
  const groups = cells.some(({ key }) => key === null) ? [...keys, null] : keys;
  const days = [...new Set(cells.map(({ period }) => period))];
  const counts = new Map(cells.map(({ period, key, calls }) => [`${period} ${key ?? ""}`, calls]));
  const bars = days.map((day) => ({
    day,
    counts: groups.map((key) => counts.get(`${day} ${key ?? ""}`) ?? 0),
  }));
  return stackedBars({ title, groups: groups.map((key) => (key === null ? OTHERS : shortName(key))), bars });
}

function groupTables({ models, agents }: Calls): readonly Html[] {
  return [
    html`<h2>Models and agents</h2>`,
    figureTable("Interactions by model, the most used first", "model", models.figures),
    agents.figures.length > 1
      ? figureTable("Interactions by agent, the most used first", "agent", agents.figures)
      : html``,
  ];
}
