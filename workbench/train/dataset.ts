import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";

/** A built dataset whose every file has the bytes that its manifest names. */
export interface DatasetFolder {
  readonly folder: string;
  readonly manifest: DatasetManifest;
}

/**
 * Finds `name@latest` (the newest build) or `name@<digest>` and verifies it. A missing dataset is
 * exit 2, a changed file exit 6, a manifest without a contamination result exit 2.
 */
export async function findDataset(
  project: Project,
  ref: string,
  effects: Effects = realEffects,
): Promise<DatasetFolder> {
  const [name = "", version = ""] = ref.split("@");
  const names = (await effects.list(project.datasets)).filter((entry) =>
    new RegExp(`^${name}@[0-9a-f]{12}$`).test(entry),
  );
  const builds = [];
  for (const entry of names) {
    const folder = join(project.datasets, entry);
    const manifest = await readManifest(folder, effects);
    if (manifest) builds.push({ folder, manifest });
  }
  const found =
    version === "latest"
      ? builds.sort((a, b) => order(a.manifest) - order(b.manifest) || (a.folder < b.folder ? -1 : 1)).at(-1)
      : builds.find(({ manifest }) => manifest.digest.startsWith(version));
  if (!found) throw missing(ref, names);
  await verifyFiles(found.folder, found.manifest.files, effects);
  return found;
}

function order(manifest: DatasetManifest): number {
  return Date.parse(manifest.clock.at);
}

async function readManifest(folder: string, effects: Effects): Promise<DatasetManifest | null> {
  const path = join(folder, "manifest.json");
  if (!(await effects.stat(path))) return null; // a build that was interrupted
  const json: unknown = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8"));
  const parsed = DatasetManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WorkbenchError({
    code: "WB_DATASET_INVALID",
    where: path,
    what: `${issue?.path.map(String).join(".") ?? "manifest"}: ${issue?.message ?? "invalid"}`,
    why: "a dataset is trained on only when its manifest says what it holds and which suites it was checked against",
    fix: "build it again with `workbench curate <name>`",
  });
}

function missing(ref: string, names: readonly string[]): WorkbenchError {
  return new WorkbenchError({
    code: "WB_DATASET_MISSING",
    what: `there is no finished dataset ${quoted(ref)}`,
    ...(names.length > 0 ? { why: `built: ${names.join(", ")}` } : {}),
    fix: "build it with `workbench curate <name>`, or name one that is there",
  });
}
