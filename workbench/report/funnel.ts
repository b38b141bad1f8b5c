import type { FunnelStep } from "../schema/dataset.ts";
import { grouped } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";

/** What became of the rows: one line a step, what it let through and what each rule took out. */
export function funnel(steps: readonly FunnelStep[]): Html {
  const most = Math.max(1, ...steps.map((step) => step.in));
  const rows = steps.map((step) => [
    html`${step.step}`,
    html`${grouped(step.in)}`,
    html`${grouped(step.out)}`,
    html`<svg class="bar" viewBox="0 0 120 10" aria-hidden="true">
      <rect width="${((120 * step.in) / most).toFixed(1)}" height="10" class="before"></rect>
      <rect width="${((120 * step.out) / most).toFixed(1)}" height="10" class="after"></rect>
    </svg>`,
    html`${removed(step) || "–"}`,
  ]);
  return table({
    caption: "Funnel: rows in, rows out, and the rule that removed the difference",
    head: ["step", "in", "out", "kept", "removed by rule"],
    numeric: [1, 2],
    rows,
  });
}

function removed(step: FunnelStep): string {
  return Object.entries(step.removed)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([rule, count]) => `${rule}: ${grouped(count)}`)
    .join(", ");
}
