import { join } from "node:path";
import type { Database } from "../catalog/database.ts";
import { sqlText } from "../catalog/database.ts";
import { FEEDBACK_FILE, ROWS_FILE } from "../catalog/segments.ts";
import { filled, sqlFile } from "../catalog/sql.ts";
import type { Effects } from "../store/effects.ts";
import type { RowKeys } from "./row-keys.ts";

/** Where the rows of one import wait, and what they are held against. */
export interface Spooled {
  readonly folder: string;
  readonly keys: string;
  readonly rows: string;
  readonly feedback: string;
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
 * Makes segment files of the spooled rows that no earlier import has, in line order. The spool is one already, unless
 * some of its rows are known: then one thread copies the others, so that the same rows are the same bytes.
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

async function loadKind(
  db: Database,
  { kind, stale }: Kind,
  spooled: Spooled,
  effects: Effects,
): Promise<string> {
  const target = join(spooled.folder, kind === "i" ? ROWS_FILE : FEEDBACK_FILE);
  const spool = kind === "i" ? spooled.rows : spooled.feedback;
  const temporary = stale === 0 ? spool : `${target}.part`;
  if (stale > 0) {
    // Not an anti-join: DuckDB would build its table from the side with the wide rows, and lose their order.
    const sql = filled(await sqlFile("sql/load.sql", import.meta.url, effects), {
      target: sqlText(temporary),
    });
    await db.run(sql, { spool });
  }
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
