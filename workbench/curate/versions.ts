import { join, relative } from "node:path";
import { erasureMarker } from "../catalog/tombstones.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { digestOf } from "../schema/canonical.ts";
import type { DatasetBody } from "../schema/dataset.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import { byText } from "../select/text.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** A finished dataset version: its manifest is there, so all of it is. */
export interface DatasetVersion {
  /** `<name>@<first 12 digits of the digest>`. */
  readonly ref: string;
  readonly folder: string;
  readonly manifest: DatasetManifest;
}

const FOLDER = /^([a-z0-9][a-z0-9-]{0,62})@([0-9a-f]{12})$/;

/** The digest of a manifest: of everything in it but the clock and the digest itself. */
export function manifestDigest(manifest: DatasetBody & Pick<DatasetManifest, "files">): string {
  const { clock: _clock, digest: _digest, ...rest } = manifest;
  return digestOf(rest);
}

/** Finished versions, of one dataset or all: by name, then oldest first by their clock, then by digest. */
export async function listVersions(
  project: Project,
  name?: string,
  effects: Effects = realEffects,
): Promise<readonly DatasetVersion[]> {
  const versions: DatasetVersion[] = [];
  for (const entry of await effects.list(project.datasets)) {
    const [, of] = FOLDER.exec(entry) ?? [];
    if (of === undefined || (name !== undefined && of !== name)) continue;
    // Its files went with a person who was erased: it can be read about, but not from.
    if (await erasureMarker(join(project.datasets, entry), effects)) continue;
    const version = await readVersion(project, entry, effects);
    if (version) versions.push(version);
  }
  return versions.sort(
    ({ manifest: a }, { manifest: b }) =>
      byText(a.name, b.name) || byText(a.clock.at, b.clock.at) || byText(a.digest, b.digest),
  );
}

/** Null when the folder has no manifest: such a version does not exist. */
export async function readVersion(
  project: Project,
  entry: string,
  effects: Effects = realEffects,
): Promise<DatasetVersion | null> {
  const folder = join(project.datasets, entry);
  const path = join(folder, "manifest.json");
  if (!(await effects.stat(path))) return null;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8"));
  } catch {
    json = null;
  }
  const parsed = DatasetManifest.safeParse(json);
  const digest = parsed.success ? manifestDigest(parsed.data) : "";
  if (
    !parsed.success ||
    parsed.data.digest !== digest ||
    entry !== `${parsed.data.name}@${digest.slice(0, 12)}`
  )
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: relative(project.root, path),
      what: "this manifest is not the one that was written",
      why: parsed.success
        ? "its content does not hash to its digest"
        : "it cannot be read as a dataset manifest",
      fix: "restore the file from a copy, or remove the folder and run `workbench curate` again",
    });
  return { ref: entry, folder, manifest: parsed.data };
}

/**
 * The version that `ref` names: `name@<digest, 4 digits or more>`, `name@latest`, or a bare name,
 * which is its latest. Latest is the newest by the manifest's clock; at the same instant, the
 * higher digest. WB_DATASET_MISSING (exit 2) when there is none, or more than one fits.
 */
export async function resolveVersion(
  project: Project,
  ref: string,
  effects: Effects = realEffects,
): Promise<DatasetVersion> {
  const [, name = "", wanted = "latest"] =
    /^([a-z0-9][a-z0-9-]{0,62})(?:@(latest|[0-9a-f]{4,64}))?$/.exec(ref) ?? [];
  const all = name === "" ? [] : await listVersions(project, name, effects);
  const fitting =
    wanted === "latest" ? all.slice(-1) : all.filter(({ manifest }) => manifest.digest.startsWith(wanted));
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  throw new WorkbenchError({
    code: "WB_DATASET_MISSING",
    where: relative(project.root, project.datasets),
    what: `${fitting.length > 1 ? "more than one version fits" : "there is no dataset version"} ${quoted(ref)}`,
    why:
      all.length === 0
        ? "nothing was built under this name"
        : `there are ${all.map(({ ref: one }) => one).join(", ")}`,
    fix: all.length === 0 ? "build it with `workbench curate <name>`" : "give more digits, or @latest",
  });
}
