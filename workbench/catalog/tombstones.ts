import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { ErasureMarker, Tombstone } from "../schema/erasure.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

export const MARKER_FILE = "erasure.json";
const erasuresFolder = (project: Project): string => join(project.private, "erasures");

/** Every erasure of the project, finished or not, sorted by id. */
export async function readTombstones(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly Tombstone[]> {
  const stones: Tombstone[] = [];
  for (const name of await effects.list(erasuresFolder(project)))
    if (/^[0-9a-f]{32}\.json$/.test(name)) {
      const path = join(erasuresFolder(project), name);
      stones.push(parsed(Tombstone, await effects.read(path), path));
    }
  return stones;
}

export async function writeTombstone(project: Project, stone: Tombstone, effects: Effects): Promise<void> {
  await replaceFile(join(erasuresFolder(project), `${stone.id}.json`), jsonText(stone), effects);
}

/** The erasure marker of a dataset version's or a run's folder; null when nothing of it was erased. */
export async function erasureMarker(
  folder: string,
  effects: Effects = realEffects,
): Promise<ErasureMarker | null> {
  const path = join(folder, MARKER_FILE);
  return (await effects.stat(path)) ? parsed(ErasureMarker, await effects.read(path), path) : null;
}

/** Adds one erasure to a folder's marker; the same erasure again changes nothing. */
export async function addMarker(
  folder: string,
  erasure: ErasureMarker["erasures"][number],
  effects: Effects,
): Promise<void> {
  const erasures = (await erasureMarker(folder, effects))?.erasures ?? [];
  if (erasures.some(({ id }) => id === erasure.id)) return;
  const marker: ErasureMarker = { schema: "workbench/erasure-marker@1", erasures: [...erasures, erasure] };
  await replaceFile(join(folder, MARKER_FILE), jsonText(marker), effects);
}

function parsed<T>(
  schema: { readonly safeParse: (value: unknown) => { success: true; data: T } | { success: false } },
  bytes: Uint8Array,
  path: string,
): T {
  let value: unknown = null;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    // not JSON is not ours either
  }
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new WorkbenchError({
    code: "WB_INTEGRITY",
    where: path,
    what: "this file is not what an erasure writes",
    fix: "restore it from a copy: without it the erased rows could come back with the next ingest",
  });
}
