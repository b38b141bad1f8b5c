import { join } from "node:path";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS, columnsLiteral } from "../catalog/columns.ts";
import type { Database } from "../catalog/database.ts";
import { sqlText } from "../catalog/database.ts";
import { FEEDBACK_FILE, ROWS_FILE } from "../catalog/segments.ts";
import { filled, sqlFile } from "../catalog/sql.ts";
import type { Effects } from "../store/effects.ts";
import type { RowKeys } from "./row-keys.ts";

/** Where the rows of one import wait, and what they are held against. */
export interface Spooled {
  readonly importId: string;
  readonly folder: string;
  readonly keys: string;
  readonly rows: string;
  readonly feedback: string;
  /** Bytes of the longest line of both. */
  readonly longestRow: number;
  /** Keys of rows that are known because their person was erased. */
  readonly erased: readonly string[];
}

export interface Loaded {
  readonly stored: number;
  readonly known: number;
  readonly interactions: number;
  readonly feedback: number;
}

/**
 * Writes the spooled rows that no earlier import has to Parquet: pinned columns, one thread, line
 * order, so that the same rows are the same bytes. A failure here is ours, as every row was checked.
 */
export async function load(spooled: Spooled, stored: RowKeys, effects: Effects): Promise<Loaded> {
  const { db } = stored;
  await stored.compare(spooled.keys, spooled.erased);
  const kinds = await db.rows<Kind>(await sqlFile("sql/kinds.sql", import.meta.url, effects));
  const written: string[] = [];
  for (const kind of kinds) {
    if (kind.spooled === kind.stale) continue;
    const file = await loadKind(db, kind, spooled, effects);
    written.push(`select '${kind.kind}' as kind, line_no from read_parquet(${sqlText(file)})`);
  }
  const known = kinds.some(({ stale }) => stale > 0) ? await knownIn(db, effects) : 0;
  return { ...(await writtenIn(db, written, effects)), known };
}

interface Kind {
  /** Interactions or feedback. */
  readonly kind: "i" | "f";
  readonly spooled: number;
  readonly stale: number;
}

// Not an anti-join: DuckDB would build its table from the side with the wide rows, and lose their order.
const NOT_STALE = "where spool.line_no * 4294967296 + spool.part not in (select place from stale)";
// DuckDB holds buffers of twice the longest line it is told to expect: what it would take unasked is 32 MiB.
const SMALLEST_BUFFER = 1 << 20;

async function loadKind(
  db: Database,
  { kind, stale }: Kind,
  spooled: Spooled,
  effects: Effects,
): Promise<string> {
  const target = join(spooled.folder, kind === "i" ? ROWS_FILE : FEEDBACK_FILE);
  const temporary = `${target}.part`;
  const sql = filled(await sqlFile("sql/load.sql", import.meta.url, effects), {
    columns: columnsLiteral(kind === "i" ? INTERACTION_COLUMNS : FEEDBACK_COLUMNS),
    target: sqlText(temporary),
    // A join over all columns is dear, and most files hold nothing that is known.
    fresh: stale === 0 ? "" : NOT_STALE,
  });
  await db.run(sql, {
    spool: kind === "i" ? spooled.rows : spooled.feedback,
    import_id: spooled.importId,
    longest: Math.max(spooled.longestRow + 1, SMALLEST_BUFFER),
  });
  await effects.fsync(temporary);
  await effects.rename(temporary, target);
  return target;
}

/** Counted in the files as they were written: what conservation is held to. */
async function writtenIn(
  db: Database,
  written: readonly string[],
  effects: Effects,
): Promise<Omit<Loaded, "known">> {
  if (written.length === 0) return { stored: 0, interactions: 0, feedback: 0 };
  const sql = await sqlFile("sql/written.sql", import.meta.url, effects);
  const [row] = await db.rows<Omit<Loaded, "known">>(filled(sql, { written: written.join(" union all ") }));
  if (!row) throw new Error("the counts of an import gave no row");
  return row;
}

async function knownIn(db: Database, effects: Effects): Promise<number> {
  const [row] = await db.rows<{ known: number }>(await sqlFile("sql/known.sql", import.meta.url, effects));
  if (!row) throw new Error("the count of known records gave no row");
  return row.known;
}
