import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS, emptySelect } from "./columns.ts";
import type { Columns } from "./columns.ts";
import type { Database } from "./database.ts";
import { sqlList, sqlText } from "./database.ts";
import type { FilesToRead } from "./packs.ts";
import { segmentFile } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";

/**
 * Lays views over the rows of `imports`, which lie in `files`: `segments` (order of imports), `rows` and `feedback_rows` (all),
 * `superseded`, `latest` (revisions settled), `interactions`, `late_feedback` (resolved to a target),
 * `trajectories`. The same ones serve the catalog file and a reader in memory.
 */
export async function laySegmentViews(
  db: Database,
  { imports, files }: { readonly imports: readonly ImportManifest[]; readonly files: FilesToRead },
  effects: Effects = realEffects,
): Promise<void> {
  await runAll(db, "sql/rows.sql", effects, {
    segments: segmentOrder(imports),
    rows: parquetRelation(files.rows, INTERACTION_COLUMNS),
    feedback_rows: parquetRelation(files.feedback, FEEDBACK_COLUMNS),
  });
  const [superseded] = await db.rows("from superseded limit 1");
  await runAll(db, "sql/views.sql", effects, {
    latest: await latestOf(imports, effects),
    // Where nothing was revised, no query need read the key of every row.
    settled: superseded ? "from rows where row_key not in (from superseded)" : "from rows",
  });
}

/** Every signal, inline and late, for the catalog: `feedback` and `implicit`, over the views above. */
export const laySignals = (db: Database, effects: Effects): Promise<void> =>
  runAll(db, "sql/signals.sql", effects, {});

async function runAll(
  db: Database,
  file: string,
  effects: Effects,
  constants: Readonly<Record<string, string>>,
): Promise<void> {
  const sql = filled(await sqlFile(file, import.meta.url, effects), constants);
  for (const statement of statementsOf(sql)) await db.run(statement);
}

/** `from read_parquet([…])` over the imports' files of one kind, or an empty relation with its columns. */
export function segmentRelation(
  project: Project,
  imports: readonly ImportManifest[],
  { file, columns }: { readonly file: string; readonly columns: Columns },
): string {
  const files = imports.flatMap((manifest) => segmentFile(project, manifest, file) ?? []);
  return parquetRelation(files, columns);
}

const parquetRelation = (files: readonly string[], columns: Columns): string =>
  files.length === 0 ? emptySelect(columns) : `from read_parquet(${sqlList(files)})`;

/** Formats that log what was asked and what was answered on lines apart. */
const SPLIT = ["openai-batch", "otel-legacy-events"];

async function latestOf(imports: readonly ImportManifest[], effects: Effects): Promise<string> {
  const split = imports.filter(({ format }) => SPLIT.includes(format));
  if (split.length === 0) return "create view latest as from settled;";
  const labels = split.map(({ id, source }) => `(${sqlText(id)}, ${sqlText(source.label)})`);
  return filled(await sqlFile("sql/split-calls.sql", import.meta.url, effects), {
    labels: `select * from (values ${labels.join(", ")}) as t(import_id, label)`,
  });
}

/** Later imports win over earlier ones; ids break ties, so that the order is total. */
export function segmentOrder(imports: readonly ImportManifest[]): string {
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
