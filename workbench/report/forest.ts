import type { MetricEffect } from "../schema/decision.ts";
import { difference, interval } from "./format.ts";
import type { Html } from "./html.ts";
import { html, join } from "./html.ts";
import { metricName } from "./metric-name.ts";

const WIDTH = 560;
const LABEL = 170;
const ROW = 34;

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
  const reach = Math.max(
    5,
    ...marks.flatMap(({ from, to, limit }) => [Math.abs(from), Math.abs(to), Math.abs(limit ?? 0)]),
  );
  const x = (value: number): string =>
    (
      LABEL +
      ((Math.max(-reach, Math.min(reach, value)) + reach) / (2 * reach)) * (WIDTH - LABEL - 14)
    ).toFixed(1);
  const height = marks.length * ROW + 30;
  const rows = marks.map((mark, i) => row(mark, i * ROW + ROW / 2 + 4, x));
  const axis = html`<line x1="${x(0)}" x2="${x(0)}" y1="2" y2="${height - 24}" class="zero"></line>
    <text x="${x(-reach)}" y="${height - 6}">worse −${reach.toFixed(0)}</text>
    <text x="${x(0)}" y="${height - 6}" text-anchor="middle">0</text>
    <text x="${x(reach)}" y="${height - 6}" text-anchor="end">+${reach.toFixed(0)} better</text>`;
  const label = marks.map(({ effect }) => `${metricName(effect.metric)} ${spoken(effect)}`).join("; ");
  const svg = html`<svg
    class="forest"
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-label="Effects with intervals. ${label}"
  >
    ${axis}${rows}
  </svg>`;
  return html`<figure class="curve">
    <figcaption>
      Candidate against baseline: shares in points, other figures in per cent of the baseline. Dot: seen. Line:
      its interval. Thick mark: the limit that the whole line must lie right of.
    </figcaption>
    <div class="forest-scroll" role="region" aria-label="Chart of effects" tabindex="0">${svg}</div>
  </figure>`;
}

function row({ effect, at, from, to, limit }: Mark, y: number, x: (value: number) => string): Html {
  const tone = effect.passed === false ? "bad" : effect.passed === true ? "good" : "open";
  const tick =
    limit === null
      ? ""
      : html`<line x1="${x(limit)}" x2="${x(limit)}" y1="${y - 11}" y2="${y + 11}" class="margin"></line>`;
  return join([
    html`<text x="0" y="${y + 4}" class="name">${metricName(effect.metric)}</text>`,
    html`${tick || html``}<line
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
    limit: effect.margin === null ? null : -Math.abs(effect.margin) * scale,
  };
}

function spoken(effect: MetricEffect): string {
  const { unit } = effect;
  return `${difference(effect.estimate, unit)} ${interval(effect.lower, effect.upper, unit)}`;
}
