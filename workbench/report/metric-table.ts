import type { MetricEffect } from "../schema/decision.ts";
import { difference, interval, level, range } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";

/** One row a metric: primary first, then guardrails, floors and what is only shown. */
export function metricTable(effects: readonly MetricEffect[]): Html {
  return table({
    caption: "Every metric the policy names. The interval decides, not the difference.",
    head: ["metric", "baseline", "candidate", "difference", "interval", "limit", "result", "n", "method"],
    numeric: [1, 2, 3, 4, 7],
    rows: effects.map((effect) => [
      html`<strong>${effect.metric}</strong> <span class="muted">${effect.role}</span>`,
      html`${level(effect.baseline, effect.unit)}`,
      html`${level(effect.candidate, effect.unit)}`,
      ...measured(effect),
      html`<span class="rule">${effect.rule ?? ""}</span>`,
      outcome(effect),
      html`${effect.n}${effect.dropped > 0 ? html` <span class="muted">(${effect.dropped} dropped)</span>` : html``}`,
      html`<span class="muted">${effect.estimator}</span>`,
    ]),
  });
}

/** Difference and interval; a floor judges the candidate alone, so it has a level and no difference. */
function measured(effect: MetricEffect): readonly Html[] {
  const { refused, role, estimate, lower, upper, unit, level: share } = effect;
  if (refused !== null)
    return [html`<span class="muted">not measured</span>`, html`<span class="muted why">${refused}</span>`];
  const certainty =
    share === null ? html`` : html` <span class="muted">${Number((share * 100).toFixed(2))} %</span>`;
  if (role === "floor") return [html``, html`${range(lower, upper, unit)}${certainty}`];
  return [html`${difference(estimate, unit)}`, html`${interval(lower, upper, unit)}${certainty}`];
}

function outcome({ passed, role }: MetricEffect): Html {
  if (role === "shown") return html`<span class="muted">shown</span>`;
  if (passed === null) return html`<span class="result open">? not decided</span>`;
  return passed
    ? html`<span class="result good">✓ inside</span>`
    : html`<span class="result bad">✕ outside</span>`;
}
