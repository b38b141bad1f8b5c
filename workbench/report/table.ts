import type { Html } from "./html.ts";
import { html } from "./html.ts";

export interface TableParts {
  readonly caption: string;
  readonly head: readonly string[];
  /** Columns that hold numbers: right-aligned, tabular figures. */
  readonly numeric?: readonly number[];
  readonly rows: readonly (readonly Html[])[];
}

/** A table that a screen reader, a printer and a phone can all read: caption, scopes, a scroll region. */
export function table({ caption, head, numeric = [], rows }: TableParts): Html {
  const cls = (column: number): string => (numeric.includes(column) ? "num" : "");
  const heads = head.map((name, i) => html`<th scope="col" class="${cls(i)}">${name}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell, i) => (i === 0 ? html`<th scope="row" class="${cls(0)}">${cell}</th>` : html`<td class="${cls(i)}">${cell}</td>`))}
      </tr>`,
  );
  const kind = head.length <= 3 ? "fit" : "";
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${kind}"><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
}
