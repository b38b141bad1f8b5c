import { ticks } from "d3-array";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

const [WIDTH, HEIGHT] = [560, 210];
const PAD = { left: 62, right: 10, top: 12, bottom: 26 };
const DAY_MS = 86_400_000;

export interface TimeFrameParts {
  /** Days as "2026-11-20", in order. */
  readonly days: readonly string[];
  readonly most: number;
  /** How an amount on the left is written. */
  readonly write: (value: number) => string;
}

/** Places of days and amounts, from zero up, and what stands around every chart over time. */
export interface TimeFrame {
  readonly x: (day: string) => number;
  readonly y: (value: number) => number;
  /** Width of the narrowest period. */
  readonly step: number;
  readonly axes: Html;
  readonly viewBox: string;
}

/** Axes of a chart over time. Worked value: one day alone fills the width, from 62 to 550. */
export function timeFrame({ days, most, write }: TimeFrameParts): TimeFrame {
  const times = days.map((day) => Date.parse(`${day}T00:00:00Z`) / DAY_MS);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  const period = Math.max(1, Math.min(...gaps, last - first + 1));
  const step = (WIDTH - PAD.left - PAD.right) / (last - first + period);
  const marks = ticks(0, most, 4);
  const top = Math.max(most, marks.at(-1) ?? 0) || 1;
  const y = (value: number): number => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.bottom - PAD.top);
  const x = (day: string): number => PAD.left + (Date.parse(`${day}T00:00:00Z`) / DAY_MS - first) * step;
  const grid = marks.map(
    (mark) =>
      html`<line class="${mark === 0 ? "axis" : "grid"}" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${y(mark).toFixed(1)}" y2="${y(mark).toFixed(1)}"></line
        ><text x="${PAD.left - 6}" y="${(y(mark) + 4).toFixed(1)}" text-anchor="end">${write(mark)}</text>`,
  );
  const axes = html`${grid}<text x="${PAD.left}" y="${HEIGHT - 8}">${days[0]}</text
    >${days.length > 1 ? html`<text x="${WIDTH - PAD.right}" y="${HEIGHT - 8}" text-anchor="end">${days.at(-1)}</text>` : ""}`;
  return { x, y, step: step * period, axes, viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
}
