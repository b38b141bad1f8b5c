import { createHash } from "node:crypto";
import { ROWS_FILE } from "../catalog/segments.ts";
import { canonical } from "../schema/canonical.ts";
import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { DatasetManifest } from "../schema/dataset.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import { byText } from "../select/text.ts";
import { inSource } from "../select/where.ts";

/** The interaction store as curation sees it. */
export interface Store {
  readonly imports: () => Promise<readonly ImportManifest[]>;
  readonly rows: (options: {
    readonly imports?: readonly string[];
    readonly labels?: readonly string[];
    readonly asOf?: string;
  }) => AsyncIterable<StoredInteraction>;
}

/** The rows a definition asks for, and names for exactly what was read. */
export interface SourceRows {
  readonly rows: readonly StoredInteraction[];
  readonly sources: DatasetManifest["sources"];
  /** SHA-256 over the canonical rows with their feedback, in order of row_key. */
  readonly rowsSha256: string;
  /** Every import that could be seen, so that the same state can be read again. */
  readonly imports: readonly string[];
}

export interface SourceRequest {
  readonly definition: DatasetDefinition;
  /** What started or was said after this instant is left out. */
  readonly asOf?: string | undefined;
  /** Only these imports: what a manifest saw. */
  readonly imports?: readonly string[] | undefined;
}

/** Reads the union of a definition's sources, each row once, sorted by row_key. */
export async function readSources(store: Store, request: SourceRequest): Promise<SourceRows> {
  const { definition, asOf } = request;
  const wanted = request.imports && new Set(request.imports);
  const imports = (await store.imports()).filter(({ id }) => wanted?.has(id) ?? true);
  const labelOf = new Map(imports.map(({ id, source }) => [id, source.label]));
  const labels = unionOf(definition.sources.map((source) => source.labels));
  const rows: StoredInteraction[] = [];
  const options = {
    ...(wanted ? { imports: imports.map(({ id }) => id) } : {}),
    ...(labels === null ? {} : { labels }),
    ...(asOf === undefined ? {} : { asOf }),
  };
  for await (const row of store.rows(options)) {
    const label = labelOf.get(row.import_id) ?? "";
    const fits = definition.sources.some(
      (source) => (source.labels.length === 0 || source.labels.includes(label)) && inSource(row, source),
    );
    const then = fits ? asKnownAt(row, asOf) : null;
    if (then) rows.push(then);
  }
  rows.sort((a, b) => byText(a.row_key, b.row_key));
  const hash = createHash("sha256");
  for (const row of rows) hash.update(`${canonical(row)}\n`);
  return {
    rows,
    sources: sourcesOf(imports, rows),
    rowsSha256: hash.digest("hex"),
    imports: imports.map(({ id }) => id),
  };
}

/** Null when one list is empty, because an empty list asks for everything. */
function unionOf(lists: readonly (readonly string[])[]): readonly string[] | null {
  return lists.some((list) => list.length === 0) ? null : [...new Set(lists.flat())].sort();
}

/** The row as it stood then; null when it did not exist yet. */
function asKnownAt(row: StoredInteraction, asOf: string | undefined): StoredInteraction | null {
  if (asOf === undefined) return row;
  const limit = Date.parse(asOf);
  const after = (at: string | null): boolean => at !== null && Date.parse(at) > limit;
  if (after(row.started_at)) return null;
  return { ...row, feedback: row.feedback.filter((signal) => !after(signal.occurred_at)) };
}

function sourcesOf(
  imports: readonly ImportManifest[],
  rows: readonly StoredInteraction[],
): DatasetManifest["sources"] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.import_id, (counts.get(row.import_id) ?? 0) + 1);
  return imports.flatMap((one) => {
    const count = counts.get(one.id);
    const file = one.files.find(({ path }) => path === ROWS_FILE);
    return count === undefined
      ? []
      : [{ import: one.id, label: one.source.label, sha256: file?.sha256 ?? one.source.sha256, rows: count }];
  });
}
