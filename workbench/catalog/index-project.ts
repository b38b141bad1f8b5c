import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ImportManifest } from "../schema/import.ts";
import { jsonText } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import { buildCatalog } from "./build-catalog.ts";
import { isShortOfRoom } from "./database.ts";
import { packSegments } from "./pack-segments.ts";
import type { FilesToRead } from "./packs.ts";
import { filesToRead, packsFolder } from "./packs.ts";
import { stampOf } from "./rooms.ts";
import { listImports } from "./segments.ts";

export interface IndexReport {
  readonly outcome: "built" | "fresh";
  readonly imports: number;
  /** How many of them are read from packs. */
  readonly packed: number;
  readonly tables: Readonly<Record<string, number>>;
}

export const catalogPath = (project: Project): string => join(project.private, "catalog.duckdb");

/** Held by whoever builds the catalog and the packs, and by whoever removes them. */
export const catalogLock = (project: Project): string => join(project.private, "catalog.lock");

/** Raised when the tables or views change their form. */
const LAYOUT = 5;

/**
 * Brings `.workbench/catalog.duckdb` up to date with the files, or builds it anew with `rebuild`.
 * It is built beside and renamed, so that readers see the old one or the new one; it holds nothing
 * that the files do not, so the same files give the same answers. Every file of rows is checked against
 * its SHA-256 (WB_INTEGRITY, exit 6). While another process builds it, this one waits up to 15 s, then
 * throws WB_LOCK_BUSY (exit 7).
 */
export async function indexProject(
  project: Project,
  { rebuild = false }: { readonly rebuild?: boolean } = {},
  effects: Effects = realEffects,
): Promise<IndexReport> {
  for (let waitedMs = 0; ; waitedMs += STEP_MS) {
    const known = rebuild ? null : await builtReport(project, await standing(project, effects), effects);
    if (known) return { ...known, outcome: "fresh" };
    try {
      const work = (): Promise<IndexReport> => build(project, rebuild, effects);
      return await withLock(catalogLock(project), "workbench index", work, effects);
    } catch (error) {
      if (!isBusy(error) || waitedMs >= WAIT_MS) throw error;
      await effects.sleep(STEP_MS);
    }
  }
}

// Whoever holds the lock builds what we want: a reader beside an import waits for it.
const STEP_MS = 100;
const WAIT_MS = 15_000;

const isBusy = (error: unknown): boolean => error instanceof WorkbenchError && error.code === "WB_LOCK_BUSY";

interface Standing {
  readonly imports: readonly ImportManifest[];
  readonly files: FilesToRead;
  /** Of all that a catalog is made from. */
  readonly stamp: string;
}

/** What there is to index, every file of rows checked. */
async function standing(project: Project, effects: Effects): Promise<Standing> {
  // First: what comes while the rest is looked at makes the next stamp another one.
  const marks = await stampOf(project, effects);
  const imports = await listImports(project, effects);
  const files = await filesToRead(project, imports, effects);
  return { imports, files, stamp: digestOf({ layout: LAYOUT, root: project.root, marks, files }) };
}

interface Stamp {
  readonly stamp: string;
  readonly report: IndexReport;
}

const stampPath = (project: Project): string => join(project.private, "catalog.json");

/** What the catalog that is there was built from, if it is this. */
async function builtReport(
  project: Project,
  { stamp }: Standing,
  effects: Effects,
): Promise<IndexReport | null> {
  if (!(await effects.stat(catalogPath(project)))) return null;
  try {
    const note = JSON.parse(Buffer.from(await effects.read(stampPath(project))).toString("utf8")) as Stamp;
    return note.stamp === stamp ? note.report : null;
  } catch {
    return null;
  }
}

async function build(project: Project, rebuild: boolean, effects: Effects): Promise<IndexReport> {
  for (const path of await unfinished(project, effects)) await effects.remove(path);
  if (rebuild) await effects.remove(packsFolder(project));
  await pack(project, effects);
  const { imports, files, stamp } = await standing(project, effects);
  const folder = join(project.private, `catalog-${Buffer.from(effects.random(6)).toString("hex")}`);
  await effects.mkdir(folder);
  try {
    const path = join(folder, "catalog.duckdb");
    const tables = await buildCatalog(path, { project, folder, imports, files }, effects);
    await effects.fsync(path);
    // The stamp goes first: a crash between the two only builds once more.
    await effects.remove(stampPath(project));
    await effects.rename(path, catalogPath(project));
    const report: IndexReport = { outcome: "built", imports: imports.length, packed: files.packed, tables };
    await effects.write(stampPath(project), jsonText({ stamp, report }));
    return report;
  } finally {
    await effects.remove(folder);
  }
}

/** Packs are a cache: where there is no room for them, queries read the segments. */
async function pack(project: Project, effects: Effects): Promise<void> {
  try {
    await packSegments(project, await listImports(project, effects), effects);
  } catch (error) {
    if (!isShortOfRoom(error)) throw error;
  }
}

/** What killed builds left: it holds rows, and nobody would read it. */
async function unfinished(project: Project, effects: Effects): Promise<readonly string[]> {
  const names = await effects.list(project.private);
  return names.filter((name) => UNFINISHED.test(name)).map((name) => join(project.private, name));
}

const UNFINISHED = /^catalog-[0-9a-f]{12}$/;

/** Everything of the catalog and the packs: to be removed under the catalog's lock when a person is erased. */
export async function catalogFiles(project: Project, effects: Effects): Promise<readonly string[]> {
  const path = catalogPath(project);
  return [
    path,
    `${path}.wal`,
    stampPath(project),
    packsFolder(project),
    ...(await unfinished(project, effects)),
  ];
}
