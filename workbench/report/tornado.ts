import type { Swing } from "../cost/simulate.ts";
import { usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

const [WIDTH, ROW, LEFT, RIGHT] = [700, 26, 190, 190];

/** Assumptions of a scenario, in plain words; one that is not here is shown by its setting. */
const PLAIN: Readonly<Record<string, string>> = {
  requestsPerDay: "requests a day",
  growthPerYear: "growth a year",
  reworkUsd: "repair of a failed task",
  upkeepUsdPerMonth: "upkeep a month",
  apiPriceCutPerYear: "API price cuts a year",
  yearlyDiscount: "discount rate",
  "retraining.perYear": "retrainings a year",
  "retraining.usd": "cost of a retraining",
  "oneOff.trainingUsd": "training, once",
  "oneOff.labellingUsd": "labelling, once",
  "oneOff.evaluationUsd": "evaluation, once",
  "oneOff.engineeringUsd": "engineering, once",
  "tokensPerRequest.input": "input tokens a request",
  "tokensPerRequest.output": "output tokens a request",
};
const OF_A_WAY: Readonly<Record<string, string>> = {
  success: "success rate",
  usdPerHour: "price of an hour",
  usdPerRequest: "price of a request",
  utilisation: "utilisation",
  tokensPerSecond: "tokens a second",
  cacheHitShare: "cache hits",
};

/** How far each assumption moves the present value, from its p10 to its p90: inline SVG, in the page's colour. */
export function tornadoChart(swings: readonly Swing[], horizonMonths: number): Html {
  if (swings.length === 0) return html`<p class="muted">No assumption has a range.</p>`;
  const values = swings.flatMap(({ valueAtP10Usd, valueAtP90Usd }) => [valueAtP10Usd, valueAtP90Usd]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number): number => LEFT + ((value - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const height = swings.length * ROW + 24;
  const bars = swings.map(({ input, valueAtP10Usd: a, valueAtP90Usd: b }, i) => {
    const top = i * ROW + 4;
    const [from, to] = [Math.min(x(a), x(b)), Math.max(x(a), x(b))];
    return html`<text x="${LEFT - 8}" y="${top + 15}" text-anchor="end">${inputName(input)}</text
      ><rect
        x="${from.toFixed(1)}"
        y="${top + 3}"
        width="${Math.max(1, to - from).toFixed(1)}"
        height="${ROW - 10}"
        fill="currentColor"
        opacity="0.35"
      ></rect
      ><text x="${WIDTH}" y="${top + 15}" text-anchor="end">${ends(a, b)}</text>`;
  });
  const told = swings.map(
    ({ input, valueAtP10Usd: a, valueAtP90Usd: b }) => `${inputName(input)} ${ends(a, b)}`,
  );
  return html`<figure class="curve">
    <figcaption>
      What the change is worth over ${horizonMonths} months, when one assumption goes from a low value (one in ten
      is lower) to a high one (one in ten is higher) and the others stay in the middle
    </figcaption>
    <div class="chart-scroll" role="region" aria-label="What moves the worth" tabindex="0">
    <svg class="tornado" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${told.join(", ")}">
      ${bars}
      <line class="axis" x1="${x(0).toFixed(1)}" x2="${x(0).toFixed(1)}" y1="0" y2="${height - 18}"></line>
      <text x="${x(0).toFixed(1)}" y="${height - 4}" text-anchor="middle">$0</text>
    </svg>
    </div>
  </figure>`;
}

const ends = (a: number, b: number): string => `${usd(a)} to ${usd(b)}`;

function inputName(path: string): string {
  if (Object.hasOwn(PLAIN, path)) return PLAIN[path] ?? path;
  const [, way = "", of = ""] = /^(baseline|candidate)\.(\w+)$/.exec(path) ?? [];
  return Object.hasOwn(OF_A_WAY, of) ? `${OF_A_WAY[of] ?? of}, ${way}` : path;
}
