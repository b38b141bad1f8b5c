import type { DatasetManifest } from "../../schema/dataset.ts";
import type { Loaded } from "../evidence.ts";
import { funnel } from "../funnel.ts";
import { grouped, moment, short } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { provenance } from "../provenance.ts";
import { table } from "../table.ts";

/** A dataset's page (R4): what it is, what became of the rows, what must be 0, and what was trained on it. */
export function datasetPage(
  dataset: Loaded<DatasetManifest>,
  runs: readonly { id: string; recipe: string }[],
): string {
  const { result: manifest } = dataset;
  const splits = (["train", "val", "test"] as const).map((split) => [
    html`${split}`,
    html`${grouped(manifest.splits[split])}`,
  ]);
  const { contamination } = manifest;
  const suites = contamination.suites.filter(({ items }) => items > 0);
  const empty = contamination.suites.length - suites.length;
  return page(`Dataset ${manifest.name}`, [
    html`<p class="crumb"><a href="../">Decisions</a> / datasets / ${manifest.name}</p>`,
    html`<h1>Dataset ${manifest.name}</h1>`,
    html`<p class="lead">
      ${manifest.kind === "sft" ? "Examples for supervised fine-tuning" : "Preference pairs for DPO"}, version
      ${short(manifest.digest)}, built ${moment(manifest.clock.at)}.
    </p>`,
    html`<h2>From logs to rows</h2>`,
    funnel(manifest.funnel),
    html`<h2>Splits</h2>`,
    table({
      caption: "Rows by split; no conversation, user or near duplicate is on two sides",
      head: ["split", "rows"],
      numeric: [1],
      rows: splits,
    }),
    html`<h2>Overlap with the suites</h2>`,
    html`<p class="${contamination.flagged === contamination.removed ? "good" : "bad"}">
      ${contamination.flagged} rows overlapped an evaluation item; ${contamination.removed} of them were
      removed, so ${contamination.flagged - contamination.removed} are left.
    </p>`,
    table({
      caption: `Files of evals/ this dataset was held against${empty === 0 ? "" : `; ${empty} more hold no text of an item`}`,
      head: ["suite", "items", "digest"],
      numeric: [1],
      rows: suites.map(({ suite, items, sha256 }) => [
        html`${suite}`,
        html`${items}`,
        html`<code>${short(sha256)}</code>`,
      ]),
    }),
    html`<h2>Quality</h2>`,
    quality(manifest.quality),
    html`<h2>Lineage</h2>`,
    html`<p>
      Built from
      ${manifest.sources.map(({ import: id, rows }) => html`import <code>${short(id)}</code> (${grouped(rows)} rows) `)}
    </p>`,
    runs.length === 0
      ? html`<p>No run was trained on it yet.</p>`
      : html`<p>
          Trained on it: ${runs.map(({ id, recipe }) => html`<a href="../runs/${id}">${recipe} ${id}</a> `)}
        </p>`,
    provenance(
      dataset.sources,
      manifest.files.map(({ path, sha256 }) => [path, `sha256:${sha256}`] as const),
    ),
  ]);
}

/** What curate measures, in plain words. */
const MEASURES: Readonly<Record<string, string>> = {
  groups: "groups that stay on one side of the split",
  largestGroup: "rows of the largest group",
  meanScore: "mean quality score (0 to 1)",
  rowsIn: "interactions read",
  rowsOut: "rows kept",
  taskTypeCoverage: "share of task types covered",
};

function quality(facts: Readonly<Record<string, unknown>>): Html {
  const rows = Object.entries(facts)
    .filter(([, value]) => ["number", "string", "boolean"].includes(typeof value))
    .map(([name, value]) => [
      html`${Object.hasOwn(MEASURES, name) ? MEASURES[name] : name}`,
      html`${typeof value === "number" ? Number(value.toPrecision(4)) : String(value)}`,
    ]);
  if (rows.length === 0) return html`<p class="muted">Not measured.</p>`;
  return table({ caption: "Measured on the kept rows", head: ["measure", "value"], numeric: [1], rows });
}
