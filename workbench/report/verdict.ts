import type { Verdict } from "../schema/decision.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

/** Word, sign and class of each verdict: never colour alone. */
const SIGNS: Readonly<Record<Verdict, readonly [word: string, sign: string]>> = {
  go: ["GO", "✓"],
  "no-go": ["NO-GO", "✕"],
  inconclusive: ["INCONCLUSIVE", "?"],
  invalid: ["INVALID", "!"],
};

/** The small coloured mark of a verdict in a table. */
export function chip(verdict: Verdict): Html {
  const [word, sign] = SIGNS[verdict];
  return html`<span class="chip ${verdict}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** The first thing on a go/no-go page: the word, and why, in one sentence with numbers. */
export function banner(verdict: Verdict, sentence: string, reasons: readonly string[]): Html {
  const codes = reasons.map((reason) => html`<code>${reason}</code>`);
  return html`<section class="verdict ${verdict}" aria-label="Verdict">
    <p class="word">${chip(verdict)}</p>
    <p class="sentence">${sentence}</p>
    <p class="codes">${codes}</p>
  </section>`;
}
