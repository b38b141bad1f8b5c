import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import { ImportManifest } from "../schema/import.ts";
import type { FileRef } from "../schema/names.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";

export const ROWS_FILE = "rows.parquet";
export const FEEDBACK_FILE = "feedback.parquet";
export const QUARANTINE_FILE = "quarantine.jsonl";
/** Records as they came, sealed; only of imports with --keep-raw. */
export const RAW_FILE = "raw.jsonl";
export const MANIFEST_FILE = "manifest.json";

/** The folder of all imports. */
export const importsFolder = (project: Project): string => join(project.private, "interactions");
export const importFolder = (project: Project, id: string): string => join(importsFolder(project), id);

/** An import id is 32 hex digits, so a folder of another name is not an import. */
const IMPORT_ID = /^[0-9a-f]{32}$/;

/** Every finished import, replaced ones included, sorted by id. */
export async function allImports(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly ImportManifest[]> {
  const manifests: ImportManifest[] = [];
  for (const id of await effects.list(importsFolder(project))) {
    const path = join(importFolder(project, id), MANIFEST_FILE);
    const info = IMPORT_ID.test(id) ? await effects.stat(path) : null;
    if (info) manifests.push(await manifestAt(path, { id, mark: `${info.size}:${info.mtimeMs}` }, effects));
  }
  return manifests;
}

// Written once: within one process a manifest whose size and time did not change is not parsed twice.
// `watch` asks for all of them with each file.
const parsedManifests = new Map<string, { readonly mark: string; readonly manifest: ImportManifest }>();

async function manifestAt(
  path: string,
  { id, mark }: { readonly id: string; readonly mark: string },
  effects: Effects,
): Promise<ImportManifest> {
  const known = parsedManifests.get(path);
  if (known?.mark === mark) return known.manifest;
  const manifest = await readManifest(path, id, effects);
  parsedManifests.set(path, { mark, manifest });
  return manifest;
}

/** Manifests of all finished imports, sorted by id; replaced ones are left out. */
export async function listImports(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly ImportManifest[]> {
  return inForce(await allImports(project, effects));
}

/** Those that no other one replaces, sorted by id. */
export function inForce(imports: readonly ImportManifest[]): readonly ImportManifest[] {
  const replaced = new Set(imports.flatMap(({ replaces, replacesAlso }) => [replaces, ...ids(replacesAlso)]));
  return imports.filter(({ id }) => !replaced.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

const ids = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

async function readManifest(path: string, id: string, effects: Effects): Promise<ImportManifest> {
  const bytes = await effects.read(path);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    value = undefined;
  }
  const parsed = ImportManifest.safeParse(value);
  if (parsed.success && parsed.data.id === id) return parsed.data;
  throw new WorkbenchError({
    code: "WB_INTEGRITY",
    where: path,
    what: "this manifest is not what an import writes",
    why: parsed.success
      ? `it names import ${parsed.data.id}`
      : (parsed.error.issues[0]?.message ?? "not JSON"),
    fix: "restore the file from a copy, or remove the folder and ingest the source again",
  });
}

/** Path of an import's file, or null when the import has none. */
export function segmentFile(project: Project, manifest: ImportManifest, file: string): string | null {
  return manifest.files.some(({ path }) => path === file)
    ? join(importFolder(project, manifest.id), file)
    : null;
}

/** What an import's rows are read from: the same id may be another set of rows after a folder was removed by hand. */
export const rowsDigest = ({ files }: ImportManifest): string =>
  digestOf(files.filter(({ path }) => path === ROWS_FILE || path === FEEDBACK_FILE));

/** Checks an import's files against its manifest: WB_INTEGRITY (exit 6) before a number is read. */
export const verifySegment = (
  project: Project,
  { id, files }: ImportManifest,
  effects: Effects = realEffects,
): Promise<void> => verifyOnce(importFolder(project, id), files, effects);

// Within one process a file whose size and time did not change is not hashed twice.
const verified = new Map<string, string>();

/** Checks the files of a folder against their digests: WB_INTEGRITY (exit 6) on a difference. */
export async function verifyOnce(folder: string, files: readonly FileRef[], effects: Effects): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    const info = await effects.stat(path);
    const mark = `${file.sha256}:${info?.size}:${info?.mtimeMs}`;
    if (verified.get(path) === mark) continue;
    await verifyFiles(folder, [file], effects);
    verified.set(path, mark);
  }
}
