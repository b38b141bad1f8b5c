import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS, emptySelect } from "./columns.ts";
import type { Columns } from "./columns.ts";
import { sqlList } from "./database.ts";
import { FEEDBACK_FILE, ROWS_FILE, segmentFile } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";

/**
 * The statements that lay views over the segments, in order: `segments` (order of imports), `rows`
 * and `feedback_rows` (all), `latest` (revisions settled), `feedback_all` (resolved to a target),
 * `interactions`, `feedback`, `trajectories`. The same ones serve the catalog file and a reader in memory.
 */
export async function segmentViews(
  project: Project,
  imports: readonly ImportManifest[],
  effects: Effects = realEffects,
): Promise<readonly string[]> {
  const views = filled(await sqlFile("sql/views.sql", import.meta.url, effects), {
    segments: orderOf(imports),
    rows: over(project, imports, { file: ROWS_FILE, columns: INTERACTION_COLUMNS }),
    feedback_rows: over(project, imports, { file: FEEDBACK_FILE, columns: FEEDBACK_COLUMNS }),
  });
  return statementsOf(views);
}

function over(
  project: Project,
  imports: readonly ImportManifest[],
  { file, columns }: { readonly file: string; readonly columns: Columns },
): string {
  const files = imports
    .map((manifest) => segmentFile(project, manifest, file))
    .filter((path) => path !== null);
  return files.length === 0 ? emptySelect(columns) : `from read_parquet(${sqlList(files)})`;
}

/** Later imports win over earlier ones; ids break ties, so that the order is total. */
function orderOf(imports: readonly ImportManifest[]): string {
  const ordered = [...imports].sort((a, b) =>
    a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1,
  );
  if (ordered.length === 0) return "select null::VARCHAR as import_id, null::INTEGER as position where false";
  return `select * from (values ${ordered.map(({ id }, n) => `('${id}', ${n})`).join(", ")}) as t(import_id, position)`;
}

/** The statements of one of our own SQL files: none holds a semicolon inside. */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/^\s*--.*$/gm, "").trim())
    .filter((statement) => statement !== "");
}
