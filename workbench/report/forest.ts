import type { MetricEffect } from "../schema/decision.ts";
import { difference, interval } from "./format.ts";
import type { Html } from "./html.ts";
import { html, join } from "./html.ts";
import { metricName } from "./metric-name.ts";

/** How a chart is laid out; heights and widths in its own units, of which one is about a pixel. */
interface Layout {
  readonly kind: "wide" | "narrow";
  readonly width: number;
  /** Where the axis begins: right of the names, or below them. */
  readonly left: number;
  readonly row: number;
  /** From the name's line to the interval's. */
  readonly below: number;
}

const WIDE: Layout = { kind: "wide", width: 560, left: 170, row: 34, below: 0 };
/** On a phone a name stands above its interval, so that nothing has to be scrolled to. */
const NARROW: Layout = { kind: "narrow", width: 350, left: 8, row: 46, below: 18 };

interface Mark {
  readonly effect: MetricEffect;
  /** On one axis for all: points for shares, per cent of the baseline for the rest; right is better. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly limit: number | null;
}

/**
 * All effects on one axis on which right is better: a dot with its interval, a bar at 0 and a thick
 * tick at each margin. An interval that reaches left of its tick has not passed.
 */
export function forest(effects: readonly MetricEffect[]): Html {
  const marks = effects.map(toMark).filter((mark) => mark !== null);
  if (marks.length === 0) return html`<p class="muted">No effect could be measured.</p>`;
  return html`<figure class="curve">
    <figcaption>
      Candidate against baseline: shares in points, other figures in per cent of the baseline. Dot: seen. Line:
      its interval. Thick mark: the limit that the whole line must lie right of.
    </figcaption>
    ${drawn(marks, WIDE)}${drawn(marks, NARROW)}
  </figure>`;
}

/** One layout of the chart; the style sheet shows the one that fits. */
function drawn(marks: readonly Mark[], layout: Layout): Html {
  const { kind, width, left } = layout;
  const reach = Math.max(
    5,
    ...marks.flatMap(({ from, to, limit }) => [Math.abs(from), Math.abs(to), Math.abs(limit ?? 0)]),
  );
  const x = (value: number): string =>
    (left + ((Math.max(-reach, Math.min(reach, value)) + reach) / (2 * reach)) * (width - left - 14)).toFixed(
      1,
    );
  const height = marks.length * layout.row + 30;
  const rows = marks.map((mark, i) => row(mark, i, { x, layout }));
  const label = marks.map(({ effect }) => `${metricName(effect.metric)} ${spoken(effect)}`).join("; ");
  return html`<svg
    class="forest ${kind}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="Effects with intervals. ${label}"
  >
    <line x1="${x(0)}" x2="${x(0)}" y1="2" y2="${height - 24}" class="zero"></line>
    <text x="${x(-reach)}" y="${height - 6}">worse −${reach.toFixed(0)}</text>
    <text x="${x(0)}" y="${height - 6}" text-anchor="middle">0</text>
    <text x="${x(reach)}" y="${height - 6}" text-anchor="end">+${reach.toFixed(0)} better</text>
    ${rows}
  </svg>`;
}

interface Canvas {
  readonly x: (value: number) => string;
  readonly layout: Layout;
}

function row({ effect, at, from, to, limit }: Mark, i: number, { x, layout }: Canvas): Html {
  const middle = i * layout.row + layout.row / 2 + 4;
  const [nameY, y] = [middle + 4 - layout.below / 2, middle + layout.below / 2];
  const tone = effect.passed === false ? "bad" : effect.passed === true ? "good" : "open";
  const tick =
    limit === null
      ? html``
      : html`<line x1="${x(limit)}" x2="${x(limit)}" y1="${y - 11}" y2="${y + 11}" class="margin"></line>`;
  return join([
    html`<text x="0" y="${nameY}" class="name">${metricName(effect.metric)}</text>`,
    html`${tick}<line
        x1="${x(from)}"
        x2="${x(to)}"
        y1="${y}"
        y2="${y}"
        class="interval ${tone}"
      ></line
      ><circle cx="${x(at)}" cy="${y}" r="5" class="${tone}"></circle>`,
  ]);
}

function toMark(effect: MetricEffect): Mark | null {
  if (effect.estimate === null) return null;
  const { unit } = effect;
  const scale = unit === "share" ? 100 : effect.baseline ? 100 / Math.abs(effect.baseline) : null;
  if (scale === null) return null;
  const better = effect.better === "higher" ? 1 : -1;
  const place = (value: number): number => value * scale * better;
  const ends = [effect.lower ?? effect.estimate, effect.upper ?? effect.estimate].map(place);
  return {
    effect,
    at: place(effect.estimate),
    from: Math.min(...ends),
    to: Math.max(...ends),
    // As written: a loss that is still accepted lies left of 0, an improvement that is demanded right of it.
    limit: effect.margin === null ? null : place(effect.margin),
  };
}

function spoken(effect: MetricEffect): string {
  const { unit } = effect;
  return `${difference(effect.estimate, unit)} ${interval(effect.lower, effect.upper, unit)}`;
}
