import type { Decision } from "../schema/decision.ts";
import { difference, interval, level } from "./format.ts";
import type { Html } from "./html.ts";
import { html, join } from "./html.ts";
import { metricName } from "./metric-name.ts";
import { table } from "./table.ts";

/** Slices without a figure that are named; the others are counted. */
const NAMED = 10;

/** The five worst and the five best slices by the estimated effect, with intervals. */
export function sliceTable(slices: Decision["computed"]["slices"]): Html {
  const rows = slices.flatMap(({ slice, effects }) => effects.map((effect) => ({ slice, effect })));
  const signed = (row: (typeof rows)[number]): number =>
    (row.effect.estimate ?? 0) * (row.effect.better === "higher" ? 1 : -1);
  const sorted = rows.filter(({ effect }) => effect.estimate !== null).sort((a, b) => signed(a) - signed(b));
  const shown = sorted.length <= 10 ? sorted : [...sorted.slice(0, 5), ...sorted.slice(-5)];
  if (shown.length === 0)
    return html`<p class="muted">No slices were declared, or none has enough samples.</p>`;
  const told = table({
    caption: `${shown.length < sorted.length ? `The five worst and five best of ${sorted.length} slices` : "The main figure by slice"}. Slices explain; only declared ones can veto.`,
    head: ["slice", "metric", "baseline", "candidate", "difference", "interval", "items"],
    numeric: [2, 3, 4, 5, 6],
    rows: shown.map(({ slice, effect }) => {
      const { unit } = effect;
      return [
        html`${slice}`,
        html`${metricName(effect.metric)}`,
        html`${level(effect.baseline, unit)}`,
        html`${level(effect.candidate, unit)}`,
        html`${difference(effect.estimate, unit)}`,
        html`${interval(effect.lower, effect.upper, unit)}`,
        html`${effect.n}`,
      ];
    }),
  });
  const unmeasured = rows.filter(({ effect }) => effect.estimate === null).map(({ slice }) => slice);
  if (unmeasured.length === 0) return told;
  const more = unmeasured.length > NAMED ? `; and ${unmeasured.length - NAMED} more` : "";
  const names = `${unmeasured.slice(0, NAMED).join("; ")}${more}`;
  return join([told, html`<p class="muted">Not measured: ${names}.</p>`]);
}
