import { join, relative } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { DatasetDefinition } from "../schema/dataset-definition.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";
import type { DatasetReport } from "./curate.ts";
import { curateFrom } from "./curate.ts";
import type { Store } from "./sources.ts";
import { storeOf } from "./store.ts";
import { manifestDigest } from "./versions.ts";

export interface RebuildRequest {
  readonly project: Project;
  /** A version's folder, or its manifest.json, inside the project. */
  readonly from: string;
  /** Default: the project's interaction store. */
  readonly store?: Store;
}

/**
 * Builds a version again from its manifest alone (C12): its definition, its imports, its cut-off.
 * The same bytes come out, clock included, and take the place of files that are gone or damaged;
 * whatever differs is an integrity failure (exit 6) that names the inputs which changed.
 */
export async function rebuild(
  { project, from, store = storeOf(project) }: RebuildRequest,
  effects: Effects = realEffects,
): Promise<DatasetReport> {
  const manifest = await readManifest(project, from, effects);
  const named = {
    name: manifest.name,
    file: `datasets/${manifest.name}@${manifest.digest.slice(0, 12)}/manifest.json`,
    definition: DatasetDefinition.parse(manifest.definition),
  };
  const asOf = manifest.asOf ?? undefined;
  return curateFrom({ project, named, store, asOf, from: manifest }, effects);
}

async function readManifest(project: Project, from: string, effects: Effects): Promise<DatasetManifest> {
  const asked = from.endsWith("manifest.json") ? from : join(from, "manifest.json");
  const path = await resolveInside(
    project.root,
    [relative(project.root, join(asked.startsWith("/") ? "" : project.root, asked))],
    effects,
  );
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8"));
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== undefined) throw cause;
    json = null;
  }
  const parsed = DatasetManifest.safeParse(json);
  if (parsed.success && parsed.data.digest === manifestDigest(parsed.data)) return parsed.data;
  throw new WorkbenchError({
    code: "WB_INTEGRITY",
    where: relative(project.root, path),
    what: "this manifest is not the one that was written",
    why: parsed.success ? "its content does not hash to its digest" : "it is no dataset manifest",
    fix: "restore it from a copy: a rebuild needs the manifest whole",
  });
}
