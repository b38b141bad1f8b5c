import { basename, join, resolve } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { digestOf } from "../../schema/canonical.ts";
import { ExposureManifest } from "../../schema/experiment.ts";
import { jsonText, writeOnce } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { fileRef, hashFile } from "../../store/hash.ts";
import { withLock } from "../../store/lock.ts";
import type { Project } from "../../store/paths.ts";
import { readAs } from "../../store/read-json.ts";
import { readExperiments } from "./experiment-file.ts";
import type { LineContext } from "./exposure-lines.ts";
import { EXPOSURES_FILE, exposuresFolder } from "./exposure-segments.ts";
import { QUARANTINE_FILE, spool, toParquet } from "./exposure-spool.ts";

export interface ExposureRequest {
  readonly project: Project;
  /** JSON Lines files. */
  readonly sources: readonly string[];
  /** The workspace key and its id: units become the same pseudonyms as in the interactions. */
  readonly key: { readonly bytes: Uint8Array; readonly id: string };
}

/** Reads exposure logs into segments of their own; every line is stored, blank or in quarantine. The same bytes again change nothing. */
export async function ingestExposures(
  request: ExposureRequest,
  effects: Effects = realEffects,
): Promise<readonly ExposureManifest[]> {
  const { project, sources } = request;
  const experiments = new Map((await readExperiments(project, effects)).map((one) => [one.name, one]));
  return withLock(
    join(project.private, "exposures.lock"),
    "workbench experiment ingest",
    async () => {
      const done: ExposureManifest[] = [];
      for (const source of sources)
        done.push(await ingestOne(resolve(source), { ...request, experiments }, effects));
      return done;
    },
    effects,
  );
}

type Work = ExposureRequest & Pick<LineContext, "experiments">;

async function ingestOne(
  path: string,
  { project, key, experiments }: Work,
  effects: Effects,
): Promise<ExposureManifest> {
  const source = { name: basename(path), ...(await hashFile(path, effects)) };
  const id = digestOf({ sha256: source.sha256, keyId: key.id, importer: "exposures@1" }).slice(0, 32);
  const folder = join(exposuresFolder(project), id);
  const manifestPath = join(folder, "manifest.json");
  if (await effects.stat(manifestPath)) return readAs(ExposureManifest, manifestPath, effects);
  await effects.remove(folder); // an ingest that was interrupted
  await effects.mkdir(folder);
  const counts = await spool(path, { folder, key: key.bytes, experiments }, effects);
  if (counts.read !== counts.stored + counts.quarantined)
    throw new WorkbenchError({
      code: "WB_CONSERVATION",
      where: source.name,
      what: `${counts.read} lines were read, ${counts.stored} stored and ${counts.quarantined} quarantined`,
      fix: "run the command again; if it persists, report it",
    });
  const stored = await toParquet(folder, effects);
  if (stored !== counts.stored)
    throw new WorkbenchError({
      code: "WB_CONSERVATION",
      where: source.name,
      what: `${counts.stored} exposures were read and ${stored} are in the segment`,
      fix: "run the command again; if it persists, report it",
    });
  const manifest: ExposureManifest = {
    schema: "workbench/exposures@1",
    id,
    source,
    keyId: key.id,
    counts,
    files: [await fileRef(folder, EXPOSURES_FILE, effects), await fileRef(folder, QUARANTINE_FILE, effects)],
    at: effects.now().toISOString(),
  };
  await writeOnce(manifestPath, jsonText(manifest), effects);
  return manifest;
}
