import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { FileRef } from "../schema/names.ts";
import { PackManifest } from "../schema/pack.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import {
  FEEDBACK_FILE,
  QUARANTINE_FILE,
  ROWS_FILE,
  importFolder,
  rowsDigest,
  segmentFile,
  verifyOnce,
  verifySegment,
} from "./segments.ts";

/** The rows of many small segments in one file each of rows and feedback: a cache for queries, see design 026. */
export interface Pack extends PackManifest {
  readonly id: string;
  readonly folder: string;
}

export const PACK_FILE = "pack.json";

export const packsFolder = (project: Project): string => join(project.private, "packs");

/** The imports whose rows a pack holds. */
export const coveredBy = ({ covers }: PackManifest): readonly string[] => Object.keys(covers);

/** The checked Parquet files that together hold each row of some imports once. */
export interface FilesToRead {
  readonly rows: readonly string[];
  readonly feedback: readonly string[];
  /** How many of the imports are read from packs. */
  readonly packed: number;
}

/**
 * The files to read the rows of `imports` from: packs, and the segments that none of them covers. Each is
 * checked against its SHA-256, and so is what is in quarantine. A damaged pack is passed over; a damaged segment is WB_INTEGRITY (exit 6).
 */
export async function filesToRead(
  project: Project,
  imports: readonly ImportManifest[],
  effects: Effects = realEffects,
): Promise<FilesToRead> {
  const packs = await usablePacks(project, imports, effects);
  const covered = new Set(packs.flatMap(coveredBy));
  const segments = imports.filter(({ id }) => !covered.has(id));
  for (const manifest of imports)
    if (!covered.has(manifest.id)) await verifySegment(project, manifest, effects);
    else await verifyOnce(importFolder(project, manifest.id), manifest.files.filter(isQuarantine), effects);
  const named = (name: string): readonly string[] => [
    ...packs.filter(({ files }) => files.some(({ path }) => path === name)).map(({ folder }) => join(folder, name)),
    ...segments.flatMap((manifest) => segmentFile(project, manifest, name) ?? []),
  ]; // prettier-ignore
  return { rows: named(ROWS_FILE), feedback: named(FEEDBACK_FILE), packed: covered.size };
}

/**
 * Intact packs that hold rows of `imports` and of nothing else, the largest first; no two have an import in
 * common. One that also covers an import that was replaced or erased is of no use any more.
 */
export async function usablePacks(
  project: Project,
  imports: readonly ImportManifest[],
  effects: Effects,
): Promise<readonly Pack[]> {
  const wanted = new Map(imports.map((manifest) => [manifest.id, manifest]));
  const isOf = ([id, digest]: readonly [string, string]): boolean => {
    const manifest = wanted.get(id);
    return manifest !== undefined && rowsDigest(manifest) === digest;
  };
  const whole = (await allPacks(project, effects)).filter(({ covers }) => Object.entries(covers).every(isOf));
  const chosen: Pack[] = [];
  const taken = new Set<string>();
  for (const pack of whole.sort((a, b) => coveredBy(b).length - coveredBy(a).length)) {
    if (coveredBy(pack).some((id) => taken.has(id)) || !(await isIntact(pack, effects))) continue;
    chosen.push(pack);
    for (const id of coveredBy(pack)) taken.add(id);
  }
  return chosen;
}

/** Read from its import, packed or not. */
const isQuarantine = ({ path, bytes }: FileRef): boolean => path === QUARANTINE_FILE && bytes > 0;

async function allPacks(project: Project, effects: Effects): Promise<Pack[]> {
  const packs: Pack[] = [];
  for (const id of await effects.list(packsFolder(project))) {
    const folder = join(packsFolder(project), id);
    const manifest = /^[0-9a-f]{32}$/.test(id) ? await readPack(join(folder, PACK_FILE), effects) : null;
    if (manifest) packs.push({ ...manifest, id, folder });
  }
  return packs;
}

async function readPack(path: string, effects: Effects): Promise<PackManifest | null> {
  try {
    return PackManifest.parse(JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")));
  } catch {
    return null; // a damaged cache is none
  }
}

async function isIntact({ folder, files }: Pack, effects: Effects): Promise<boolean> {
  try {
    await verifyOnce(folder, files, effects);
    return true;
  } catch (error) {
    if (error instanceof WorkbenchError) return false;
    throw error;
  }
}
