import { join } from "node:path";
import {
  FEEDBACK_FILE,
  ROWS_FILE,
  importsFolder,
  rowsDigest,
  segmentFile,
  verifySegment,
} from "../catalog/segments.ts";
import type { Database } from "../catalog/database.ts";
import { isShortOfRoom, openDatabase } from "../catalog/database.ts";
import { sqlFile } from "../catalog/sql.ts";
import { statementsOf } from "../catalog/views.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/**
 * The keys of every stored row, in one database that serves all sources of a command. It is a cache,
 * `.workbench/row-keys.duckdb`: what it lacks is read from the segments, each checked first, and without
 * it all of them are. DuckDB keeps a checksum of every block of it.
 */
export interface RowKeys {
  /** Spools become Parquet here too, beside the keys they are held against. */
  readonly db: Database;
  /** Makes the tables `spooled`, from a file of keys, and `stale`: its rows that are known, or `erased`. */
  readonly compare: (spool: string, erased: readonly string[]) => Promise<void>;
  /** Notes the keys of the spooled rows that `manifest`, just written, has stored. */
  readonly add: (manifest: ImportManifest) => Promise<void>;
  /** Forgets imports that are about to be replaced, so that their rows are not known. */
  readonly leaveOut: (ids: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

const fileOf = (project: Project): string => join(project.private, "row-keys.duckdb");

/** The cache and what DuckDB keeps beside it. */
export const rowKeyFiles = (project: Project): readonly string[] => [
  fileOf(project),
  `${fileOf(project)}.wal`,
];

/** Opens the cache and brings it up to date with `imports`, those in force. */
export async function openRowKeys(
  project: Project,
  imports: readonly ImportManifest[],
  effects: Effects,
): Promise<RowKeys> {
  const spill = join(project.private, "ingest-spill");
  const db = await upToDate(project, spill, { imports, effects });
  // What DuckDB throws while it works on the keys is the cache's fault, unless memory or the disk is short.
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isShortOfRoom(error)) throw error;
      await removeRowKeys(project, effects);
      throw damaged(project, error);
    }
  };
  return {
    db,
    compare: async (spool, erased) => {
      await db.run(await sqlFile("sql/spooled.sql", import.meta.url, effects), { keys: spool });
      const stale = await sqlFile("sql/stale.sql", import.meta.url, effects);
      await guarded(() => db.run(stale, { erased }));
    },
    leaveOut: (ids) => (ids.length === 0 ? Promise.resolve() : guarded(() => drop(db, ids))),
    add: (manifest) => guarded(() => addSpooled(db, manifest)),
    close: async () => {
      db.close();
      await effects.remove(spill);
    },
  };
}

interface Listing {
  readonly imports: readonly ImportManifest[];
  readonly effects: Effects;
}

/** The cache as it is, else a new one: it may be damaged, or of a DuckDB whose files this one cannot read. */
async function upToDate(project: Project, spill: string, listing: Listing): Promise<Database> {
  const { effects } = listing;
  await effects.mkdir(project.private);
  try {
    return await opened(project, spill, listing);
  } catch (error) {
    if (error instanceof WorkbenchError || isShortOfRoom(error)) throw error;
    await removeRowKeys(project, effects);
    return opened(project, spill, listing);
  }
}

async function opened(project: Project, spill: string, listing: Listing): Promise<Database> {
  const db = await openDatabase({
    path: fileOf(project),
    allowed: [importsFolder(project)],
    temporary: spill,
  });
  try {
    const tables = await sqlFile("sql/row-keys.sql", import.meta.url, listing.effects);
    for (const statement of statementsOf(tables)) await db.run(statement);
    await bringUpToDate(db, project, listing);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Removes the cache; the next import makes it again from the segments. */
export async function removeRowKeys(project: Project, effects: Effects): Promise<void> {
  for (const path of rowKeyFiles(project)) await effects.remove(path);
}

async function bringUpToDate(db: Database, project: Project, { imports, effects }: Listing): Promise<void> {
  const wanted = new Map(imports.map((manifest) => [manifest.id, rowsDigest(manifest)]));
  const listed = await db.rows<{ id: string; files: string }>(
    "select replace(import_id::varchar, '-', '') as id, files from listed",
  );
  const there = new Set(listed.filter(({ id, files }) => wanted.get(id) === files).map(({ id }) => id));
  const gone = listed.map(({ id }) => id).filter((id) => !there.has(id));
  if (gone.length > 0) await drop(db, gone);
  const missing = imports.filter(({ id }) => !there.has(id));
  if (missing.length === 0) return;
  // A rotten key would double or lose a row.
  for (const manifest of missing) await verifySegment(project, manifest, effects);
  await inOne(db, async () => {
    for (const manifest of missing) {
      for (const name of [ROWS_FILE, FEEDBACK_FILE]) {
        const path = segmentFile(project, manifest, name);
        if (path !== null)
          await db.run("insert into keys select row_key, $id::uuid from read_parquet($path)", {
            id: manifest.id,
            path,
          });
      }
      await list(db, manifest);
    }
  });
}

const list = (db: Database, manifest: ImportManifest): Promise<void> =>
  db.run("insert into listed values ($id::uuid, $files)", { id: manifest.id, files: rowsDigest(manifest) });

const addSpooled = (db: Database, manifest: ImportManifest): Promise<void> =>
  inOne(db, async () => {
    await db.run(
      "insert into keys select row_key, $id::uuid from spooled where place not in (select place from stale)",
      { id: manifest.id },
    );
    await list(db, manifest);
  });

const drop = (db: Database, ids: readonly string[]): Promise<void> =>
  inOne(db, async () => {
    await db.run("delete from listed where import_id in (select unnest($ids::varchar[])::uuid)", { ids });
    await db.run("delete from keys where import_id in (select unnest($ids::varchar[])::uuid)", { ids });
  });

/** A transaction: keys without their import in `listed` would be read twice, the other way round lost. */
async function inOne(db: Database, work: () => Promise<void>): Promise<void> {
  await db.run("begin");
  try {
    await work();
    await db.run("commit");
  } catch (error) {
    await db.run("rollback").catch(() => undefined);
    throw error;
  }
}

function damaged(project: Project, error: unknown): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where: fileOf(project),
    what: "the cache of row keys could not be read, so it was removed",
    why: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
    fix: "run the same command again: the keys are read from the segments",
  });
}
