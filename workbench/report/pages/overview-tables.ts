import { grouped, level, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html } from "../html.ts";
import type { Mean } from "../overview/mean-of-people.ts";
import type { Calls, Figures } from "../overview/overview.ts";
import { table } from "../table.ts";

/** Groups that are not shown alone. */
export const OTHERS = "others";

/** A name as a legend and a table hold it. */
export const shortName = (name: string): string => (name.length > 48 ? `${name.slice(0, 47)}…` : name);

/** A share as text; of nothing there is none. */
export const percent = (count: number, of: number): string =>
  of === 0 ? "not measured" : level(count / of, "share");

/** Volume, outcome, tokens, cost and latency, one row a group. */
export function figureTable(caption: string, name: string, rows: readonly Figures[]): Html {
  const known = (count: number, of: number): Html =>
    count < of ? html` <span class="muted">of ${grouped(count)}</span>` : html``;
  return table({
    caption: `${caption}. Blank is not known; where fewer calls are known than there are, the cell says of how many.`,
    head: [
      name,
      "interactions",
      "errors",
      "input tokens",
      "output tokens",
      "cost as logged",
      "p50",
      "p95",
      "p99",
      "completed",
    ],
    numeric: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    rows: rows.map((one) => [
      html`${one.key === null ? OTHERS : shortName(one.key)}`,
      html`${grouped(one.calls)}`,
      html`${percent(one.errors, one.calls)}`,
      html`${one.inputTokens === null ? "" : grouped(one.inputTokens)}${one.inputTokens === null ? "" : known(one.tokensKnown, one.calls)}`,
      html`${one.outputTokens === null ? "" : grouped(one.outputTokens)}`,
      html`${one.costUsd === null ? "" : usd(one.costUsd)}${one.costUsd === null ? "" : known(one.priced, one.calls)}`,
      ...[0, 1, 2].map((n) => html`${one.latencyMs?.[n] === undefined ? "" : level(one.latencyMs[n], "ms")}`),
      html`${one.completed === null || one.completedKnown === 0 ? "" : percent(one.completed, one.completedKnown)}${one.completed === null || one.completedKnown === 0 ? "" : known(one.completedKnown, one.calls)}`,
    ]),
  });
}

/** Quality and feedback with their intervals. */
export function outcome({ feedback, quality, withFeedback, total }: Calls): readonly Html[] {
  return [
    html`<h2>Quality</h2>`,
    quality.length === 0
      ? html`<p>No log says whether a task was completed, an answer hallucinated or a tool succeeded.</p>`
      : table({
          caption: "Quality where the logs say; users are the units of the interval",
          head: ["measure", "known for", "users", "mean", "95 % interval"],
          numeric: [1, 2, 3, 4],
          rows: quality.map((one) => [
            html`${one.measure}`,
            html`${grouped(one.calls)}`,
            html`${grouped(one.people)}`,
            html`${level(one.mean, "share")}`,
            between(one, (value) => level(value, "share")),
          ]),
        }),
    html`<h2>Feedback</h2>`,
    html`<p>${grouped(withFeedback)} of ${grouped(total.calls)} interactions (${percent(withFeedback, total.calls)}) have feedback.</p>`,
    feedback.length === 0
      ? html``
      : table({
          caption: "Feedback by kind; values lie from −1 to 1, and users are the units of the interval",
          head: ["kind", "signals", "with a value", "users", "mean", "95 % interval", "about no known call"],
          numeric: [1, 2, 3, 4, 5, 6],
          rows: feedback.map((one) => [
            html`${shortName(one.kind)}`,
            html`${grouped(one.signals)}`,
            html`${grouped(one.valued)}`,
            html`${grouped(one.people)}`,
            html`${one.mean === null ? "" : signed(one.mean)}`,
            between(one, signed),
            html`${one.orphans === 0 ? "" : grouped(one.orphans)}`,
          ]),
        }),
  ];
}

function between({ lower, upper, refused }: Mean, write: (value: number) => string): Html {
  return lower === null || upper === null
    ? html`<span class="why">${refused ?? ""}</span>`
    : html`${write(lower)} to ${write(upper)}`;
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
