import type { Swing } from "../cost/simulate.ts";
import { usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

const [WIDTH, ROW, LEFT, RIGHT] = [560, 26, 190, 12];

/** How far each assumption moves the present value, from its p10 to its p90: inline SVG, in the page's colour. */
export function tornadoChart(swings: readonly Swing[]): Html {
  if (swings.length === 0) return html`<p class="muted">No assumption has a range.</p>`;
  const values = swings.flatMap(({ valueAtP10Usd, valueAtP90Usd }) => [valueAtP10Usd, valueAtP90Usd]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number): number => LEFT + ((value - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const height = swings.length * ROW + 8;
  const bars = swings.map(({ input, valueAtP10Usd: a, valueAtP90Usd: b }, i) => {
    const top = i * ROW + 4;
    const [from, to] = [Math.min(x(a), x(b)), Math.max(x(a), x(b))];
    return html`<text x="${LEFT - 8}" y="${top + 15}" text-anchor="end">${input}</text
      ><rect
        x="${from.toFixed(1)}"
        y="${top + 3}"
        width="${Math.max(1, to - from).toFixed(1)}"
        height="${ROW - 10}"
        fill="currentColor"
        opacity="0.35"
      ></rect>`;
  });
  const told = swings.map(
    ({ input, valueAtP10Usd: a, valueAtP90Usd: b }) => `${input} ${usd(a)} to ${usd(b)}`,
  );
  return html`<figure class="curve">
    <figcaption>Present value when one assumption goes from its 10th to its 90th percentile; the line is $0</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${told.join(", ")}">
      ${bars}
      <line class="axis" x1="${x(0).toFixed(1)}" x2="${x(0).toFixed(1)}" y1="0" y2="${height}"></line>
    </svg>
  </figure>`;
}
