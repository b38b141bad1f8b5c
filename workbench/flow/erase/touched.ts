import { join } from "node:path";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import type { Columns } from "../../catalog/columns.ts";
import type { Database } from "../../catalog/database.ts";
import { QUARANTINE_FILE, RAW_FILE, importFolder, inForce, segmentFile } from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Effects } from "../../store/effects.ts";
import { SealedRecord, dataKeyId, openRecord } from "../../store/raw-vault.ts";
import type { Project } from "../../store/paths.ts";
import type { Needles } from "./needles.ts";
import { rowWithout, textsOf } from "./row-texts.ts";
import { feedbackOf, rowsOf } from "./rows.ts";
import { linesOf, nameIn } from "./traces.ts";

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

/** The segments of `imports` that hold something of the person. */
export async function findTouched(
  erasing: Erasing,
  imports: readonly ImportManifest[],
  effects: Effects,
): Promise<readonly Touched[]> {
  const { project, needles } = erasing;
  const live = new Set(inForce(imports).map(({ id }) => id));
  const [rows, feedback] = [rowsOf(project, imports), feedbackOf(project, imports)];
  const own = await ownRows(erasing, [rows, feedback], effects);
  const naming = await namingRows(erasing, [[rows, INTERACTION_COLUMNS], [feedback, FEEDBACK_COLUMNS]], effects); // prettier-ignore
  const touched: Touched[] = [];
  for (const manifest of imports) {
    const mine = own.get(manifest.id) ?? [];
    const gone = mine.map(({ row_key }) => row_key);
    const changed = naming.get(manifest.id) ?? [];
    const lines = new Set(mine.map(({ line }) => line));
    const quarantined = await countIn(join(importFolder(project, manifest.id), QUARANTINE_FILE), erasing, effects); // prettier-ignore
    const raw = await rawOf(manifest, { lines, erasing }, effects);
    const isNamed = needles.isIn(Buffer.from(JSON.stringify(manifest)));
    if (gone.length + changed.length + quarantined + raw.size > 0 || isNamed)
      touched.push({ manifest, isDead: !live.has(manifest.id), gone, changed, quarantined, raw });
  }
  return touched;
}

interface OwnRow {
  readonly import_id: string;
  readonly row_key: string;
  readonly line: number;
}

/** The person's rows by import: a scan of narrow columns. */
async function ownRows(
  { db, rowKeys }: Erasing,
  files: readonly string[],
  effects: Effects,
): Promise<ReadonlyMap<string, readonly OwnRow[]>> {
  const query = await sqlFile("sql/own-rows.sql", import.meta.url, effects);
  const found: OwnRow[] = [];
  for (const one of files)
    found.push(...(await db.rows<OwnRow>(filled(query, { files: one }), { mine: rowKeys })));
  return Map.groupBy(found, ({ import_id }) => import_id);
}

interface NamingRow {
  readonly import_id: string;
  readonly row_key: string;
  readonly json: string;
}

/** Rows of others that name the person, by import: DuckDB searches all texts, and only what it finds comes here. */
async function namingRows(
  { db, rowKeys, needles }: Erasing,
  files: readonly (readonly [string, Columns])[],
  effects: Effects,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const query = await sqlFile("sql/naming-rows.sql", import.meta.url, effects);
  const mine = new Set(rowKeys);
  const found = new Map<string, string[]>();
  for (const [from, columns] of files) {
    const sql = filled(query, { files: from, names: nameIn(textsOf(columns), needles) });
    for await (const { import_id, row_key, json } of db.stream<NamingRow>(sql)) {
      if (mine.has(row_key) || rowWithout(json, needles) === json) continue;
      found.set(import_id, [...(found.get(import_id) ?? []), row_key]);
    }
  }
  return found;
}

async function countIn(path: string, { needles }: Erasing, effects: Effects): Promise<number> {
  let lines = 0;
  for await (const line of linesOf(path, effects)) if (needles.isIn(line)) lines++;
  return lines;
}

/** Line numbers of sealed records that are the person's, or that tell of them once opened. */
async function rawOf(
  manifest: ImportManifest,
  { lines: ofRows, erasing }: { readonly lines: ReadonlySet<number>; readonly erasing: Erasing },
  effects: Effects,
): Promise<ReadonlySet<number>> {
  const { project, workspace, person, needles } = erasing;
  const lines = new Set<number>();
  const path = segmentFile(project, manifest, RAW_FILE);
  if (path === null) return lines;
  const [mine, nobody] = [dataKeyId(person, workspace), dataKeyId(null, workspace)];
  for await (const bytes of linesOf(path, effects)) {
    const record = SealedRecord.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    const isMine =
      record.key === mine ||
      ofRows.has(record.line) ||
      (record.key === nobody && needles.isIn(await openRecord(project, record, { workspace, effects })));
    if (isMine) lines.add(record.line);
  }
  return lines;
}
