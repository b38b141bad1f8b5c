import { join } from "node:path";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS, columnsLiteral } from "../../catalog/columns.ts";
import { sqlText } from "../../catalog/database.ts";
import { ROWS_FILE, segmentFile } from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import type { Effects } from "../../store/effects.ts";
import { rowWithout } from "./row-texts.ts";
import type { Erasing, Touched } from "./touched.ts";

export interface Keeping {
  readonly touched: Touched;
  readonly erasing: Erasing;
  readonly staging: string;
  /** The new import's id. */
  readonly id: string;
}

/** Copies what stays of one Parquet file of a segment; false when nothing does. */
export async function keepRows(name: string, keeping: Keeping, effects: Effects): Promise<boolean> {
  const { staging, id, touched, erasing } = keeping;
  const { project, db } = erasing;
  const source = segmentFile(project, touched.manifest, name);
  if (source === null) return false;
  const target = join(staging, name);
  const files = { source: sqlText(source), target: sqlText(target), import_id: sqlText(id) };
  if (touched.changed.length === 0) {
    const sql = await sqlFile("sql/kept-as-is.sql", import.meta.url, effects);
    await db.run(filled(sql, files), { gone: touched.gone });
  } else {
    const spool = await spoolChanged(source, keeping, effects);
    const columns = columnsLiteral(name === ROWS_FILE ? INTERACTION_COLUMNS : FEEDBACK_COLUMNS);
    const sql = filled(await sqlFile("sql/kept.sql", import.meta.url, effects), {
      ...files,
      spool: sqlText(spool),
      columns,
    });
    await db.run(sql, { gone: touched.gone, changed: touched.changed });
    await effects.remove(spool);
  }
  const count = "select count(*)::integer as n from read_parquet($target)";
  const [kept] = await db.rows<{ n: number }>(count, { target });
  if (kept?.n === 0) await effects.remove(target);
  else await effects.fsync(target);
  return kept?.n !== 0;
}

/** The rows of others that named the person, without the name, as lines of JSON. */
async function spoolChanged(
  source: string,
  { touched, erasing, staging }: Keeping,
  effects: Effects,
): Promise<string> {
  const sql =
    "select to_json(r)::varchar as json from read_parquet($source) as r where row_key::varchar in (select unnest($changed::varchar[]))";
  const rows = erasing.db.stream<{ json: string }>(sql, { source, changed: touched.changed });
  const lines: string[] = [];
  for await (const { json } of rows) lines.push(`${rowWithout(json, erasing.needles)}\n`);
  const spool = join(staging, "changed.spool");
  await effects.write(spool, lines.join(""), { mode: 0o600 });
  return spool;
}
