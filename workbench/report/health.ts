import type { Decision } from "../schema/decision.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

type Check = Decision["computed"]["health"][number];

/** The checks that come before any number: may this comparison be read at all? What failed stands open. */
export function health(checks: readonly Check[]): Html {
  const failed = checks.filter(({ passed }) => !passed);
  const passed = checks.filter((check) => check.passed);
  const summary =
    failed.length === 0
      ? `All ${checks.length} health checks passed`
      : `${passed.length} of ${checks.length} health checks passed`;
  return html`<section class="health" aria-label="Health checks">${failed.length === 0 ? html`` : html`<ul>${failed.map(item)}</ul>`}<details><summary>${failed.length === 0 ? html`<span class="good" aria-hidden="true">✓</span> ` : html``}${summary}</summary><ul>${passed.map(item)}</ul></details></section>`;
}

function item({ check, passed, detail }: Check): Html {
  return html`<li class="${passed ? "good" : "bad"}"><span aria-hidden="true">${passed ? "✓" : "✕"}</span> <strong>${check}</strong> ${passed ? "" : "failed: "}${detail}</li>`;
}
