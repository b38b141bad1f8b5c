import type { MetricEffect } from "../schema/decision.ts";
import { difference, interval, level, percent, range } from "./format.ts";
import type { Html } from "./html.ts";
import { html, join } from "./html.ts";
import { metricName } from "./metric-name.ts";
import { table } from "./table.ts";

/** One row a metric: primary first, then guardrails, floors and what is only shown. What could not be measured is named below. */
export function metricTable(effects: readonly MetricEffect[], counted: "pairs" | "units"): Html {
  const isMissing = ({ role, estimate }: MetricEffect): boolean => role === "shown" && estimate === null;
  return join([
    rowsOf(
      effects.filter((effect) => !isMissing(effect)),
      counted,
    ),
    ...[...Map.groupBy(effects.filter(isMissing), ({ refused }) => refused ?? "")].map(
      ([why, missing]) =>
        html`<p class="muted">
          Not measured: ${missing.map(({ metric }) => metricName(metric)).join(", ")}${why === "" ? "" : ` (${why})`}.
        </p>`,
    ),
  ]);
}

function rowsOf(effects: readonly MetricEffect[], counted: "pairs" | "units"): Html {
  return table({
    caption:
      "The interval decides, not the difference. Primary: what the question asks. Guardrail: must not get worse than its limit. Floor: a level to reach. Shown: no rule.",
    head: ["metric", "baseline", "candidate", "difference", "interval", "limit", "result", counted, "method"],
    numeric: [1, 2, 3, 4, 7],
    rows: effects.map((effect) => [
      html`<strong>${metricName(effect.metric)}</strong> <span class="muted">${effect.role}</span>`,
      html`${level(effect.baseline, effect.unit)}`,
      html`${level(effect.candidate, effect.unit)}`,
      ...measured(effect),
      html`<span class="rule">${effect.rule ?? ""}</span>`,
      outcome(effect),
      html`${effect.n}${effect.dropped > 0 ? html` <span class="muted">(${effect.dropped} dropped)</span>` : html``}`,
      html`<span class="muted when">${effect.estimator}</span>`,
    ]),
  });
}

/** Difference and interval; a floor judges the candidate alone, so it has a level and no difference. */
function measured(effect: MetricEffect): readonly Html[] {
  const { refused, role, estimate, lower, upper, unit, level: share } = effect;
  if (refused !== null)
    return [html`<span class="muted">not measured</span>`, html`<span class="muted why">${refused}</span>`];
  const certainty = share === null ? html`` : html` <span class="muted">${percent(share)}</span>`;
  if (role === "floor") return [html``, html`${range(lower, upper, unit)}${certainty}`];
  return [html`${difference(estimate, unit)}`, html`${interval(lower, upper, unit)}${certainty}`];
}

function outcome({ passed, role }: MetricEffect): Html {
  if (role === "shown") return html`<span class="muted">no rule</span>`;
  if (passed === null) return html`<span class="result open">? not decided</span>`;
  return passed
    ? html`<span class="result good">✓ holds</span>`
    : html`<span class="result bad">✕ broken</span>`;
}
