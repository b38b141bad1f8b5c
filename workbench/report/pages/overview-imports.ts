import { grouped, moment, short } from "../format.ts";
import type { Html } from "../html.ts";
import { html } from "../html.ts";
import type { ImportRow, Overview } from "../overview/overview.ts";
import { table } from "../table.ts";

/** Imports that the page lists one by one; the sum is over all. */
export const SHOWN_IMPORTS = 20;

/** What became of every record that was read, what was replaced and what no column takes. */
export function storedParts({ imports, quarantine, redactions, lossy }: Overview): readonly Html[] {
  return [
    html`<h2>Imports</h2>`,
    conserved(imports),
    importTable(imports),
    html`<h2>Quarantine</h2>`,
    quarantine.length === 0
      ? html`<p>No record is in quarantine.</p>`
      : table({
          caption: "Records that could not be stored, by reason",
          head: ["reason", "records", "imports"],
          numeric: [1, 2],
          rows: quarantine.map(({ reason, records, imports: count }) => [
            html`<code>${reason}</code>`,
            html`${grouped(records)}`,
            html`${grouped(count)}`,
          ]),
        }),
    html`<h2>Privacy</h2>`,
    redactions.length === 0
      ? html`<p>Nothing was found that had to be replaced.</p>`
      : table({
          caption: "Personal data and secrets replaced before anything was written",
          head: ["kind", "replaced", "imports"],
          numeric: [1, 2],
          rows: redactions.map(({ entity, replaced, imports: count }) => [
            html`${entity}`,
            html`${grouped(replaced)}`,
            html`${grouped(count)}`,
          ]),
        }),
    html`<h2>Fields without a column</h2>`,
    ...lossyParts(lossy),
  ];
}

function conserved(imports: readonly ImportRow[]): Html {
  const sum = (of: (row: ImportRow) => number): string =>
    grouped(imports.reduce((all, row) => all + of(row), 0));
  const broken = imports.filter(({ isConserved }) => !isConserved).length;
  return html`<p class="${broken === 0 ? "good" : "bad"}">
    ${broken === 0 ? "✓" : "✕"} ${sum(({ read }) => read)} records read = ${sum(({ stored }) => stored)} stored +
    ${sum(({ known }) => known)} known already + ${sum(({ quarantined }) => quarantined)} quarantined, and
    ${sum(({ blank }) => blank)} blank lines.
    ${broken === 0 ? "The sum holds for every import." : `It does not hold for ${broken} imports.`}
  </p>`;
}

function importTable(imports: readonly ImportRow[]): Html {
  const more = imports.length - SHOWN_IMPORTS;
  return table({
    caption:
      more > 0
        ? `The newest ${SHOWN_IMPORTS} imports; ${grouped(more)} older ones are in the sum above`
        : "Imports, the newest first",
    head: ["import", "at", "from", "format", "read", "stored", "known", "quarantined", "blank"],
    numeric: [4, 5, 6, 7, 8],
    rows: imports
      .slice(0, SHOWN_IMPORTS)
      .map((one) => [
        html`<code>${short(one.id)}</code>`,
        html`<span class="when">${moment(one.at)}</span>`,
        html`${one.label}`,
        html`${one.format}${one.isConserved ? "" : html` <span class="bad">✕ the sum does not hold</span>`}`,
        html`${grouped(one.read)}`,
        html`${grouped(one.stored)}`,
        html`${grouped(one.known)}`,
        html`${grouped(one.quarantined)}`,
        html`${grouped(one.blank)}`,
      ]),
  });
}

// A key of a record can be data, so its path stays off the page.
function lossyParts(lossy: Overview["lossy"]): readonly Html[] {
  if (lossy.length === 0) return [html`<p>Every field that was read has a column.</p>`];
  const groups = Map.groupBy(lossy, ({ format, what }) => `${format}\0${what}`);
  return [
    table({
      caption: "Kept, but not as they came or not in a column of their own, by format",
      head: ["format", "what", "fields", "values"],
      numeric: [2, 3],
      rows: [...groups.values()].map((rows) => [
        html`${rows[0]?.format}`,
        html`${rows[0]?.what}`,
        html`${grouped(rows.length)}`,
        html`${grouped(rows.reduce((sum, row) => sum + row.rows, 0))}`,
      ]),
    }),
    html`<p class="muted">Names of fields can be data: workbench logs overview lists them.</p>`,
  ];
}
