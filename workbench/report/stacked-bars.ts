import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { grouped } from "./format.ts";
import { timeFrame } from "./time-frame.ts";

export interface StackedBarsParts {
  readonly title: string;
  /** From the bottom of each bar up; the last may be "others". */
  readonly groups: readonly string[];
  readonly bars: readonly { readonly day: string; readonly counts: readonly number[] }[];
}

/** Counts over time, one bar a period, stacked by group: inline SVG that reads without JavaScript. */
export function stackedBars({ title, groups, bars }: StackedBarsParts): Html {
  const totals = bars.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const most = Math.max(0, ...totals);
  if (most === 0) return html`<p class="muted">${title}: nothing to draw.</p>`;
  const { x, y, step, axes, viewBox } = timeFrame({
    days: bars.map(({ day }) => day),
    most,
    write: thousands,
  });
  const width = Math.max(0.6, step * 0.86);
  const paths = groups.map((_, n) => {
    const boxes = bars.map(({ day, counts }) => {
      const below = counts.slice(0, n).reduce((sum, count) => sum + count, 0);
      const count = counts[n] ?? 0;
      return count === 0
        ? ""
        : `M${x(day).toFixed(1)} ${y(below).toFixed(1)}h${width.toFixed(1)}V${y(below + count).toFixed(1)}h-${width.toFixed(1)}z`;
    });
    return html`<path class="stack s${n}" d="${boxes.join("")}"></path>`;
  });
  const told = groups.map(
    (name, n) => `${name} ${grouped(bars.reduce((sum, { counts }) => sum + (counts[n] ?? 0), 0))}`,
  );
  return html`<figure class="curve over-time">
    <figcaption>${title}</figcaption>
    <svg viewBox="${viewBox}" role="img" aria-label="${title}. ${told.join(", ")}; at most ${grouped(most)} in one period">${paths}${axes}</svg>
    <ul class="legend">${groups.map((name, n) => html`<li><span class="swatch s${n}" aria-hidden="true"></span>${name}</li>`)}</ul>
  </figure>`;
}

/** Worked values: 950 is "950", 12000 is "12k", 2500000 is "2.5M". */
export function thousands(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : String(value);
}
