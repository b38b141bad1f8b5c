import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { timeFrame } from "./time-frame.ts";

export interface TimeLinesParts {
  readonly title: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [day: string, value: number])[];
  }[];
  /** How an amount on the axis and in the text is written. */
  readonly write: (value: number) => string;
}

// So few points that a line would not show them.
const DOTS = 31;

/** Amounts over time, at most three lines, each in its own stroke: inline SVG that reads without JavaScript. */
export function timeLines({ title, lines, write }: TimeLinesParts): Html {
  const all = lines.flatMap(({ points }) => points);
  if (all.length === 0) return html`<p class="muted">${title}: not measured.</p>`;
  const days = [...new Set(all.map(([day]) => day))].sort();
  const most = Math.max(...all.map(([, value]) => value));
  const { x, y, step, axes, viewBox } = timeFrame({ days, most, write });
  const at = ([day, value]: readonly [string, number]): readonly [string, string] => [
    (x(day) + step / 2).toFixed(1),
    y(value).toFixed(1),
  ];
  const drawn = lines.map(
    ({ points }, n) =>
      html`<polyline class="line t${n}" points="${points.map((point) => at(point).join(" ")).join(" ")}"></polyline>${points.length <= DOTS ? dots(points.map(at), n) : ""}`,
  );
  const told = lines.map(
    ({ name, points }) =>
      `${name} ends at ${points.length === 0 ? "nothing" : write(points.at(-1)?.[1] ?? 0)}`,
  );
  return html`<figure class="curve over-time">
    <figcaption>${title}</figcaption>
    <svg viewBox="${viewBox}" role="img" aria-label="${title}. ${told.join(", ")}">${axes}${drawn}</svg>
    ${lines.length > 1 ? html`<ul class="legend">${lines.map(({ name }, n) => html`<li><svg class="swatch-line" viewBox="0 0 24 8" aria-hidden="true"><line class="line t${n}" x1="0" x2="24" y1="4" y2="4"></line></svg>${name}</li>`)}</ul>` : ""}
  </figure>`;
}

const dots = (places: readonly (readonly [string, string])[], n: number): readonly Html[] =>
  places.map(([x, y]) => html`<circle class="dot t${n}" cx="${x}" cy="${y}" r="2"></circle>`);
