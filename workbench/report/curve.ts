import type { Html } from "./html.ts";
import { html } from "./html.ts";

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 560;
const HEIGHT = 190;
const PAD = { left: 70, right: 12, top: 10, bottom: 26 };

/** A line chart as inline SVG in the page's own colours; readable without JavaScript and in print. */
export function curve(title: string, series: readonly Series[]): Html {
  const all = series.flatMap(({ points }) => points);
  if (all.length < 2) return html`<p class="muted">${title}: not enough points to draw.</p>`;
  const [x0, x1] = extent(all.map(([x]) => x));
  const [y0, y1] = extent(all.map(([, y]) => y));
  const px = (x: number): string =>
    (PAD.left + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - PAD.left - PAD.right)).toFixed(1);
  const py = (y: number): string =>
    (HEIGHT - PAD.bottom - ((y - y0) / (y1 - y0 || 1)) * (HEIGHT - PAD.top - PAD.bottom)).toFixed(1);
  const lines = series.map(
    ({ points }, i) =>
      html`<polyline
        class="line s${i}"
        points="${points.map(([x, y]) => `${px(x)},${py(y)}`).join(" ")}"
      ></polyline>`,
  );
  const last = series
    .map(({ name, points }) => `${name} ends at ${points.at(-1)?.[1].toPrecision(3) ?? "nothing"}`)
    .join(", ");
  return html`<figure class="curve">
    <figcaption>
      ${title}: ${series.map(({ name }, i) => html`<span class="key s${i}">${name}</span> `)}
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${last}">
      <line
        class="axis"
        x1="${PAD.left}"
        x2="${WIDTH - PAD.right}"
        y1="${HEIGHT - PAD.bottom}"
        y2="${HEIGHT - PAD.bottom}"
      ></line>
      <text x="${PAD.left - 6}" y="${Number(py(y1)) + 8}" text-anchor="end">${y1.toPrecision(3)}</text>
      <text x="${PAD.left - 6}" y="${py(y0)}" text-anchor="end">${y0.toPrecision(3)}</text>
      <text x="${PAD.left}" y="${HEIGHT - 8}">${x0}</text>
      <text x="${WIDTH - PAD.right}" y="${HEIGHT - 8}" text-anchor="end">step ${x1}</text>
      ${lines}
    </svg>
  </figure>`;
}

function extent(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
