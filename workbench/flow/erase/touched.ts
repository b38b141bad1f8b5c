import { join } from "node:path";
import type { Database } from "../../catalog/database.ts";
import {
  FEEDBACK_FILE,
  QUARANTINE_FILE,
  RAW_FILE,
  ROWS_FILE,
  allImports,
  importFolder,
  listImports,
  segmentFile,
} from "../../catalog/segments.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Effects } from "../../store/effects.ts";
import { SealedRecord, dataKeyId, openRecord } from "../../store/raw-vault.ts";
import type { Project } from "../../store/paths.ts";
import type { Needles } from "./needles.ts";
import { linesOf } from "./traces.ts";

export interface Erasing {
  readonly project: Project;
  readonly db: Database;
  readonly needles: Needles;
  /** The tombstone's id. */
  readonly erasure: string;
  readonly rowKeys: readonly string[];
  /** The person's pseudonym, and the workspace key: for the raw vault. */
  readonly person: string;
  readonly workspace: Uint8Array;
}

/** What one segment holds of the person, in each of its files. */
export interface Touched {
  readonly manifest: ImportManifest;
  /** Replaced by a later import: it goes whole. */
  readonly isDead: boolean;
  readonly gone: readonly string[];
  /** Rows of others that name the person. */
  readonly changed: readonly string[];
  readonly quarantined: number;
  /** Lines of sealed raw records. */
  readonly raw: ReadonlySet<number>;
}

interface Stored {
  readonly row_key: string;
  readonly line: number;
  readonly json: string;
}

/** The segments that hold something of the person. */
export async function findTouched(erasing: Erasing, effects: Effects): Promise<readonly Touched[]> {
  const { project, db, needles, rowKeys } = erasing;
  const live = new Set((await listImports(project, effects)).map(({ id }) => id));
  const mine = new Set(rowKeys);
  const touched: Touched[] = [];
  for (const manifest of await allImports(project, effects)) {
    const gone: string[] = [];
    const changed: string[] = [];
    const lines = new Set<number>();
    for (const file of [ROWS_FILE, FEEDBACK_FILE]) {
      const path = segmentFile(project, manifest, file);
      if (path === null) continue;
      const sql =
        "select row_key::varchar as row_key, line_no::integer as line, to_json(r)::varchar as json from read_parquet($path) as r";
      for await (const { row_key, line, json } of db.stream<Stored>(sql, { path }))
        if (mine.has(row_key)) {
          gone.push(row_key);
          lines.add(line);
        } else if (needles.isIn(Buffer.from(json))) changed.push(row_key);
    }
    const quarantined = await countIn(join(importFolder(project, manifest.id), QUARANTINE_FILE), erasing, effects); // prettier-ignore
    const raw = await rawOf(manifest, { lines, erasing }, effects);
    const isNamed = needles.isIn(Buffer.from(JSON.stringify(manifest)));
    if (gone.length + changed.length + quarantined + raw.size > 0 || isNamed)
      touched.push({ manifest, isDead: !live.has(manifest.id), gone, changed, quarantined, raw });
  }
  return touched;
}

async function countIn(path: string, { db, needles }: Erasing, effects: Effects): Promise<number> {
  let lines = 0;
  for await (const line of linesOf(path, db, effects)) if (needles.isIn(line)) lines++;
  return lines;
}

/** Line numbers of sealed records that are the person's, or that tell of them once opened. */
async function rawOf(
  manifest: ImportManifest,
  { lines: ofRows, erasing }: { readonly lines: ReadonlySet<number>; readonly erasing: Erasing },
  effects: Effects,
): Promise<ReadonlySet<number>> {
  const { project, db, workspace, person, needles } = erasing;
  const lines = new Set<number>();
  const path = segmentFile(project, manifest, RAW_FILE);
  if (path === null) return lines;
  const [mine, nobody] = [dataKeyId(person, workspace), dataKeyId(null, workspace)];
  for await (const bytes of linesOf(path, db, effects)) {
    const record = SealedRecord.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    const isMine =
      record.key === mine ||
      ofRows.has(record.line) ||
      (record.key === nobody && needles.isIn(await openRecord(project, record, { workspace, effects })));
    if (isMine) lines.add(record.line);
  }
  return lines;
}
