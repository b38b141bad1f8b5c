import type { MetricEffect } from "../schema/decision.ts";
import { interval } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { metricName } from "./metric-name.ts";
import { table } from "./table.ts";

const NAMES: Readonly<Record<string, string>> = {
  "mcnemar-exact": "McNemar, exact",
  "mcnemar-mid-p": "McNemar, mid-p",
  "sign-flip": "permutation of signs",
  "bootstrap-bca": "bootstrap, BCa",
  wilcoxon: "Wilcoxon signed rank",
};

/** Other tests of "no difference" on the same pairs, folded away: they never decide. */
export function besideTests(effects: readonly MetricEffect[]): Html {
  const rows = effects.flatMap((effect) =>
    (effect.beside ?? []).map((beside) => [
      html`${metricName(effect.metric)}`,
      html`${NAMES[beside.test] ?? beside.test}`,
      html`${beside.p === null ? "" : pText(beside.p)}`,
      html`${beside.p === null ? interval(beside.lower, beside.upper, effect.unit) : ""}`,
    ]),
  );
  if (rows.length === 0) return html``;
  const caption =
    'Tests of "no difference" that a reader may expect. None of them decides; the rule\'s interval does.';
  const head = ["metric", "test", "two-sided p", "95 % interval"];
  return html`<details>
    <summary>Other tests of the same pairs</summary>
    ${table({ caption, head, numeric: [2, 3], rows })}
  </details>`;
}

/** Three significant digits; never 0. Worked values: 0.0352, 1.2e-34. */
function pText(p: number): string {
  return p >= 0.001 ? String(Number(p.toPrecision(3))) : p.toExponential(1);
}
