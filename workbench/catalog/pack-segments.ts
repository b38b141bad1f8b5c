import { join } from "node:path";
import { digestOf } from "../schema/canonical.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { PackManifest } from "../schema/pack.ts";
import { jsonText } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { fileRef } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import type { Database } from "./database.ts";
import { openDatabase, sqlList, sqlText } from "./database.ts";
import type { Pack } from "./packs.ts";
import { PACK_FILE, coveredBy, filesToRead, packsFolder, usablePacks } from "./packs.ts";
import { FEEDBACK_FILE, ROWS_FILE, importsFolder, rowsDigest } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";

export interface PackLimits {
  /** As many small segments as no pack covers before one is made of them. */
  readonly atLeast: number;
  /** A segment whose Parquet files have more bytes is read as it is. */
  readonly smallBytes: number;
  /** A pack is closed when the files it was made from have as many bytes. */
  readonly fullBytes: number;
}

const LIMITS: PackLimits = { atLeast: 32, smallBytes: 1 << 20, fullBytes: 1 << 28 };

/**
 * Makes packs of the small segments that no pack covers, once there are enough of them. A pack with at most
 * twice as many segments as have come is written into the new one: so there are few packs, and a
 * row is written again only when its pack has grown by half. Call it under the catalog's lock.
 */
export async function packSegments(
  project: Project,
  imports: readonly ImportManifest[],
  effects: Effects,
  { atLeast, smallBytes, fullBytes }: PackLimits = LIMITS,
): Promise<void> {
  const packs = await usablePacks(project, imports, effects);
  const covered = new Set(packs.flatMap(coveredBy));
  const small = imports.filter((manifest) => !covered.has(manifest.id) && isSmall(manifest, smallBytes));
  if (small.length < atLeast) return;
  await removeOthers(project, packs, effects);
  const byId = new Map(imports.map((manifest) => [manifest.id, manifest]));
  const gathered = [...small];
  for (const pack of packs.filter((one) => bytesOf(one) < fullBytes).reverse()) {
    if (coveredBy(pack).length > 2 * gathered.length) break;
    gathered.push(...coveredBy(pack).flatMap((id) => byId.get(id) ?? []));
  }
  for (const some of batches(gathered.sort(inTime), fullBytes)) await writePack(project, some, effects);
}

/** Parquet bytes of an import or a pack. */
const bytesOf = ({ files }: Pick<PackManifest, "files">): number =>
  files
    .filter(({ path }) => path === ROWS_FILE || path === FEEDBACK_FILE)
    .reduce((sum, { bytes }) => sum + bytes, 0);

const isSmall = (manifest: ImportManifest, most: number): boolean => {
  const bytes = bytesOf(manifest);
  return bytes > 0 && bytes <= most;
};

/** Rows of one time lie together then, and a query for a day skips the other row groups. */
const inTime = (a: ImportManifest, b: ImportManifest): number =>
  a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1;

function batches(imports: readonly ImportManifest[], fullBytes: number): readonly ImportManifest[][] {
  const all: ImportManifest[][] = [];
  let bytes = Infinity;
  for (const manifest of imports) {
    if (bytes >= fullBytes) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(manifest);
    bytes += bytesOf(manifest);
  }
  return all;
}

/**
 * Removes what is of no use: packs of replaced imports, damaged and half-written ones, and those that a later
 * one has taken in. Whoever still reads the last have had the time of as many imports as make a pack.
 */
async function removeOthers(project: Project, packs: readonly Pack[], effects: Effects): Promise<void> {
  const kept = new Set(packs.map(({ id }) => id));
  for (const id of await effects.list(packsFolder(project)))
    if (!kept.has(id)) await effects.remove(join(packsFolder(project), id));
}

/** A pack stands whole under its name or not at all: a kill leaves a folder that nobody reads. */
async function writePack(project: Project, imports: readonly ImportManifest[], effects: Effects): Promise<void> {
  const covers = Object.fromEntries(imports.map((manifest) => [manifest.id, rowsDigest(manifest)]));
  const id = digestOf({ covers }).slice(0, 32);
  const token = Buffer.from(effects.random(6)).toString("hex");
  const staging = join(packsFolder(project), `staging-${token}`);
  const read = await filesToRead(project, imports, effects);
  await effects.mkdir(staging);
  try {
    const db = await openDatabase({
      allowed: [importsFolder(project), packsFolder(project)],
      temporary: join(staging, "spill"),
    });
    try {
      await copy(read.rows, join(staging, ROWS_FILE), { db, effects });
      await copy(read.feedback, join(staging, FEEDBACK_FILE), { db, effects });
    } finally {
      db.close();
    }
    await effects.remove(join(staging, "spill"));
    const files = [];
    for (const name of (await effects.list(staging)).filter((one) => one.endsWith(".parquet")))
      files.push(await fileRef(staging, name, effects));
    const manifest: PackManifest = { schema: "workbench/pack@1", covers, files };
    await effects.write(join(staging, PACK_FILE), jsonText(manifest));
    await effects.fsync(join(staging, PACK_FILE));
    const folder = join(packsFolder(project), id);
    await effects.remove(folder); // a damaged one of the same name
    await effects.rename(staging, folder);
    await effects.fsync(packsFolder(project));
  } finally {
    await effects.remove(staging);
  }
} // prettier-ignore

/** One thread keeps the order of the files and of the rows in them. */
async function copy(
  files: readonly string[],
  target: string,
  { db, effects }: { readonly db: Database; readonly effects: Effects },
): Promise<void> {
  if (files.length === 0) return;
  const sql = await sqlFile("sql/pack.sql", import.meta.url, effects);
  await db.run(filled(sql, { files: sqlList(files), target: sqlText(target) }));
  await effects.fsync(target);
}
