import { join } from "node:path";
import type { Database } from "../../catalog/database.ts";
import { sqlText } from "../../catalog/database.ts";
import {
  FEEDBACK_FILE,
  MANIFEST_FILE,
  QUARANTINE_FILE,
  RAW_FILE,
  ROWS_FILE,
  importFolder,
  importsFolder,
  segmentFile,
} from "../../catalog/segments.ts";
import { digestOf } from "../../schema/canonical.ts";
import { ImportManifest, QuarantineLine } from "../../schema/import.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { fileRef } from "../../store/hash.ts";
import { SealedRecord } from "../../store/raw-vault.ts";
import { keepRows } from "./keep-rows.ts";
import type { Erasing, Touched } from "./touched.ts";
import { linesOf } from "./traces.ts";

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
    if (await keepRows(name, { staging, id, ...filling }, effects)) names.push(name);
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

/** The sealed records but the person's: their key is destroyed already, this takes the noise away too. */
async function keepRaw(staging: string, { touched, erasing }: Filling, effects: Effects): Promise<boolean> {
  const source = segmentFile(erasing.project, touched.manifest, RAW_FILE);
  if (source === null) return false;
  const lines: string[] = [];
  for await (const bytes of linesOf(source, effects))
    if (!touched.raw.has(SealedRecord.parse(JSON.parse(Buffer.from(bytes).toString("utf8"))).line))
      lines.push(`${Buffer.from(bytes).toString("utf8")}\n`);
  await effects.write(join(staging, RAW_FILE), lines.join(""), { mode: 0o600 });
  await effects.fsync(join(staging, RAW_FILE));
  return true;
}

/** The line stays, so that the records add up; what it said of the record goes. */
async function hideQuarantined(
  staging: string,
  { touched, erasing }: Filling,
  effects: Effects,
): Promise<void> {
  const { project, needles } = erasing;
  const lines: string[] = [];
  const path = join(importFolder(project, touched.manifest.id), QUARANTINE_FILE);
  for await (const bytes of linesOf(path, effects)) {
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
