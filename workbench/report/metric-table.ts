import type { MetricEffect } from "../schema/decision.ts";
import { difference, interval, level } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";

/** One row a metric: primary first, then guardrails, floors and what is only shown. */
export function metricTable(effects: readonly MetricEffect[]): Html {
  const rows = effects.map((effect) => {
    const { unit } = effect;
    return [
      html`<strong>${effect.metric}</strong> <span class="muted">${effect.role}</span>`,
      html`${level(effect.baseline, unit)}`,
      html`${level(effect.candidate, unit)}`,
      effect.refused === null
        ? html`${difference(effect.estimate, unit)}`
        : html`<span class="muted">${effect.refused}</span>`,
      html`${interval(effect.lower, effect.upper, unit)}`,
      html`${effect.rule ?? ""}`,
      outcome(effect),
      html`${effect.n}${effect.dropped > 0 ? html` <span class="muted">(${effect.dropped} dropped)</span>` : html``}`,
      html`<span class="muted">${effect.estimator}</span>`,
    ];
  });
  const levels = [...new Set(effects.map(({ level: l }) => l).filter((l) => l !== null))];
  const share =
    levels.length === 1 && levels[0] !== undefined
      ? `${Number((levels[0] * 100).toFixed(2))} %`
      : "see method";
  return table({
    caption: "Every metric the policy names. The interval decides, not the difference.",
    head: [
      "metric",
      "baseline",
      "candidate",
      "difference",
      `interval (${share})`,
      "limit",
      "result",
      "n",
      "method",
    ],
    numeric: [1, 2, 3, 4, 7],
    rows,
  });
}

function outcome({ passed, role }: MetricEffect): Html {
  if (role === "shown") return html`<span class="muted">shown</span>`;
  if (passed === null) return html`<span class="result open">? not decided</span>`;
  return passed
    ? html`<span class="result good">✓ inside</span>`
    : html`<span class="result bad">✕ outside</span>`;
}
