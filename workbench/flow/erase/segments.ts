import { join } from "node:path";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS, columnsLiteral } from "../../catalog/columns.ts";
import type { Database } from "../../catalog/database.ts";
import { sqlText } from "../../catalog/database.ts";
import {
  FEEDBACK_FILE,
  MANIFEST_FILE,
  QUARANTINE_FILE,
  RAW_FILE,
  ROWS_FILE,
  allImports,
  importFolder,
  importsFolder,
  listImports,
  segmentFile,
} from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import { digestOf } from "../../schema/canonical.ts";
import { ImportManifest, QuarantineLine } from "../../schema/import.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { fileRef } from "../../store/hash.ts";
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

/**
 * Writes a segment again without the person: a new folder whose manifest says `replaces`, then the
 * old one goes. A kill in between leaves the new one in force and the old one replaced.
 */
export async function rewriteSegment(touched: Touched, erasing: Erasing, effects: Effects): Promise<void> {
  const { project, erasure } = erasing;
  const old = touched.manifest;
  const folder = importFolder(project, old.id);
  if (!touched.isDead) {
    const id = digestOf({ import: old.id, erasure }).slice(0, 32);
    const token = Buffer.from(effects.random(6)).toString("hex");
    const staging = join(importsFolder(project), `staging-${token}`);
    await effects.mkdir(staging);
    await fill(staging, id, { touched, erasing }, effects);
    await effects.fsync(staging);
    await effects.rename(staging, importFolder(project, id));
    await effects.fsync(importsFolder(project));
  }
  // Its manifest first: what is left of it then is no import.
  await effects.remove(join(folder, MANIFEST_FILE));
  await effects.remove(folder);
}

interface Filling {
  readonly touched: Touched;
  readonly erasing: Erasing;
}

async function fill(staging: string, id: string, filling: Filling, effects: Effects): Promise<void> {
  const { touched, erasing } = filling;
  const old = touched.manifest;
  const names: string[] = [];
  for (const name of [ROWS_FILE, FEEDBACK_FILE])
    if (await keep(name, { staging, id, ...filling }, effects)) names.push(name);
  await hideQuarantined(staging, filling, effects);
  const hasRaw = await keepRaw(staging, filling, effects);
  const files = [];
  for (const name of [...names, QUARANTINE_FILE, ...(hasRaw ? [RAW_FILE] : [])])
    files.push(await fileRef(staging, name, effects));
  const left = await leftIn(staging, names, erasing.db);
  const before = old as ImportManifest & { readonly replacesAlso?: readonly string[] };
  const erased = old.counts.stored - left.stored;
  const manifest = ImportManifest.parse({
    ...(JSON.parse(erasing.needles.without(JSON.stringify(old))) as object),
    id,
    // What is gone is known: known to have been erased. The records read still add up.
    counts: {
      ...old.counts,
      stored: left.stored,
      known: old.counts.known + erased,
      erased: (old.counts.erased ?? 0) + erased,
    },
    rows: { interactions: left.interactions, feedback: left.feedback },
    replaces: old.id,
    replacesAlso: [...(before.replaces === null ? [] : [before.replaces]), ...(before.replacesAlso ?? [])],
    erasures: [...((old["erasures"] as readonly string[] | undefined) ?? []), erasing.erasure],
    files,
  });
  await replaceFile(join(staging, MANIFEST_FILE), jsonText(manifest), effects);
}

interface Keeping extends Filling {
  readonly staging: string;
  readonly id: string;
}

/** Copies what stays of one Parquet file; false when nothing does. */
async function keep(
  name: string,
  { staging, id, touched, erasing }: Keeping,
  effects: Effects,
): Promise<boolean> {
  const { project, db, needles } = erasing;
  const source = segmentFile(project, touched.manifest, name);
  if (source === null) return false;
  const spool = join(staging, `${name}.spool`);
  const lines: string[] = [];
  const sql =
    "select to_json(r)::varchar as json from read_parquet($source) as r where list_contains($changed::varchar[], row_key::varchar)";
  for await (const { json } of db.stream<{ json: string }>(sql, { source, changed: touched.changed }))
    lines.push(`${needles.without(json)}\n`);
  await effects.write(spool, lines.join(""), { mode: 0o600 });
  const target = join(staging, name);
  await db.run(
    filled(await sqlFile("sql/kept.sql", import.meta.url, effects), {
      source: sqlText(source),
      spool: sqlText(spool),
      target: sqlText(target),
      import_id: sqlText(id),
      columns: columnsLiteral(name === ROWS_FILE ? INTERACTION_COLUMNS : FEEDBACK_COLUMNS),
    }),
    { gone: touched.gone, changed: touched.changed },
  );
  await effects.remove(spool);
  const [count] = await db.rows<{ n: number }>("select count(*)::integer as n from read_parquet($target)", {
    target,
  });
  if (count?.n === 0) await effects.remove(target);
  else await effects.fsync(target);
  return count?.n !== 0;
}

/** The sealed records but the person's: their key is destroyed already, this takes the noise away too. */
async function keepRaw(staging: string, { touched, erasing }: Filling, effects: Effects): Promise<boolean> {
  const source = segmentFile(erasing.project, touched.manifest, RAW_FILE);
  if (source === null) return false;
  const lines: string[] = [];
  for await (const bytes of linesOf(source, erasing.db, effects))
    if (!touched.raw.has(SealedRecord.parse(JSON.parse(Buffer.from(bytes).toString("utf8"))).line))
      lines.push(`${Buffer.from(bytes).toString("utf8")}\n`);
  await effects.write(join(staging, RAW_FILE), lines.join(""), { mode: 0o600 });
  await effects.fsync(join(staging, RAW_FILE));
  return true;
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

/** The line stays, so that the records add up; what it said of the record goes. */
async function hideQuarantined(
  staging: string,
  { touched, erasing }: Filling,
  effects: Effects,
): Promise<void> {
  const { project, db, needles } = erasing;
  const lines: string[] = [];
  const path = join(importFolder(project, touched.manifest.id), QUARANTINE_FILE);
  for await (const bytes of linesOf(path, db, effects)) {
    const text = Buffer.from(bytes).toString("utf8");
    if (!needles.isIn(bytes)) lines.push(`${text}\n`);
    else {
      const line = QuarantineLine.parse(JSON.parse(text));
      lines.push(`${JSON.stringify({ ...line, detail: "erased", text: "" })}\n`);
    }
  }
  await effects.write(join(staging, QUARANTINE_FILE), lines.join(""), { mode: 0o600 });
  await effects.fsync(join(staging, QUARANTINE_FILE));
}

interface Left {
  readonly stored: number;
  readonly interactions: number;
  readonly feedback: number;
}

async function leftIn(staging: string, names: readonly string[], db: Database): Promise<Left> {
  const from = (name: string): string =>
    names.includes(name)
      ? `select line_no from read_parquet(${sqlText(join(staging, name))})`
      : "select 0 as line_no where false";
  const [left] = await db.rows<Left>(
    `with i as (${from(ROWS_FILE)}), f as (${from(FEEDBACK_FILE)})
     select (select count(*) from i)::integer as interactions, (select count(*) from f)::integer as feedback,
       (select count(distinct line_no) from (from i union from f))::integer as stored`,
  );
  if (!left) throw new Error("the counts of a segment gave no row");
  return left;
}
