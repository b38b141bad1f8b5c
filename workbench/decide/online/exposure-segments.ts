import { join } from "node:path";
import type { Columns } from "../../catalog/columns.ts";
import { sha256 } from "../../schema/canonical.ts";
import { ExposureManifest } from "../../schema/experiment.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { verifyFiles } from "../../store/hash.ts";
import type { Project } from "../../store/paths.ts";
import { readAs } from "../../store/read-json.ts";

export const EXPOSURES_FILE = "exposures.parquet";

/** Columns of `exposures.parquet`, pinned. */
export const EXPOSURE_COLUMNS: Columns = {
  line_no: "INTEGER",
  experiment: "VARCHAR",
  unit: "VARCHAR",
  arm: "VARCHAR",
  bucket: "INTEGER",
  stage: "DOUBLE",
  exposed_at: "TIMESTAMPTZ",
  policy_sha256: "VARCHAR",
  alias: "VARCHAR",
  fallback: "BOOLEAN",
  slices: "MAP(VARCHAR, VARCHAR)",
  as_hashed: "BOOLEAN",
};

export const exposuresFolder = (project: Project): string => join(project.private, "exposures");

/** Finished exposure segments, by id. */
export async function listExposures(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly ExposureManifest[]> {
  const found: ExposureManifest[] = [];
  for (const id of await effects.list(exposuresFolder(project))) {
    const path = join(exposuresFolder(project), id, "manifest.json");
    if (/^[0-9a-f]{32}$/.test(id) && (await effects.stat(path)))
      found.push(await readAs(ExposureManifest, path, effects));
  }
  return found;
}

/** Checks a segment against its manifest before a number is read from it. */
export async function verifyExposures(
  project: Project,
  manifest: ExposureManifest,
  effects: Effects,
): Promise<void> {
  await verifyFiles(join(exposuresFolder(project), manifest.id), manifest.files, effects);
}

/** One digest over the content of segments, whatever their order. */
export function evidenceDigest(digests: readonly string[]): string {
  return sha256([...digests].sort().join("\n"));
}
