import type { Decision } from "../schema/decision.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

/** The strip of checks that come before any number: may this comparison be read at all? */
export function health(checks: Decision["computed"]["health"]): Html {
  const items = checks.map(
    ({ check, passed, detail }) =>
      html`<li class="${passed ? "good" : "bad"}">
        <span aria-hidden="true">${passed ? "✓" : "✕"}</span>
        <strong>${check}</strong> ${passed ? "" : "failed: "}${detail}
      </li>`,
  );
  return html`<section class="health" aria-label="Health checks">
    <ul>
      ${items}
    </ul>
  </section>`;
}
