import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { digestOf } from "../schema/canonical.ts";
import { ShortId } from "../schema/names.ts";
import { RecipeLock } from "../schema/recipe-lock.ts";
import type { Recipe } from "../schema/recipe.ts";
import { RunManifest, TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

/** A finished training run and what its files say. */
export interface FinishedRun {
  readonly id: string;
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly result: TrainResult;
}

/** Where a later run starts from: the adapter of a finished one, verified. */
export interface StartRun {
  readonly run: string;
  readonly adapter: string;
  readonly adapterSha256: string;
  readonly lockSha256: string;
  readonly baseSha256: string;
}

/** A JSON file of a run folder, or null when it is not there. */
export async function readRunJson(path: string, effects: Effects = realEffects): Promise<unknown> {
  if (!(await effects.stat(path))) return null;
  return JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as unknown;
}

/** Training runs of a project, finished or not, oldest first. */
export async function trainManifests(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly RunManifest[]> {
  const manifests: RunManifest[] = [];
  for (const id of await effects.list(project.runs)) {
    if (!ShortId.safeParse(id).success) continue;
    const parsed = RunManifest.safeParse(await readRunJson(join(project.runs, id, "manifest.json"), effects));
    if (parsed.success && parsed.data.kind === "train") manifests.push(parsed.data);
  }
  return manifests.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
}

/** Finished training runs, oldest first; of one recipe if it is named. */
export async function finishedRuns(
  project: Project,
  recipe: string | null,
  effects: Effects = realEffects,
): Promise<readonly FinishedRun[]> {
  const found: FinishedRun[] = [];
  for (const manifest of await trainManifests(project, effects)) {
    if (recipe !== null && manifest.name !== recipe) continue;
    const folder = join(project.runs, manifest.id);
    const result = TrainResult.safeParse(await readRunJson(join(folder, "result.json"), effects));
    if (result.success) found.push({ id: manifest.id, folder, manifest, result: result.data });
  }
  return found;
}

/** The newest finished run of a recipe, or null. */
export async function newestRunOf(
  project: Project,
  recipe: string,
  effects: Effects = realEffects,
): Promise<FinishedRun | null> {
  return (await finishedRuns(project, recipe, effects)).at(-1) ?? null;
}

/**
 * What `start:` names: null for the base, else the adapter of a finished run, every file checked
 * against the run's own list. Of a recipe it is the newest run on this base, if there is one.
 */
export async function resolveStart(
  {
    project,
    recipe,
    baseSha256,
  }: { readonly project: Project; readonly recipe: Recipe; readonly baseSha256: string },
  effects: Effects = realEffects,
): Promise<StartRun | null> {
  if (recipe.start === "base") return null;
  const [kind, name = ""] = recipe.start.split(":");
  const runs = await finishedRuns(project, kind === "recipe" ? name : null, effects);
  const run =
    kind === "recipe"
      ? (runs.findLast(({ result }) => result.base.sha256 === baseSha256) ?? runs.at(-1))
      : runs.find(({ id }) => id === name);
  if (!run)
    throw new WorkbenchError({
      code: "WB_RUN_MISSING",
      what: `start ${quoted(recipe.start)}: there is no finished training run of that name`,
      why: "this recipe goes on from another run's adapter",
      fix: kind === "recipe" ? `workbench train start ${name}` : "workbench train list",
    });
  const files = run.result.artifacts.filter((file) => file.path.startsWith("artifacts/adapter/"));
  await verifyFiles(run.folder, files, effects);
  const lock = RecipeLock.parse(await readRunJson(join(run.folder, "recipe.lock.json"), effects));
  return {
    run: run.id,
    adapter: await resolveInside(run.folder, ["artifacts", "adapter"], effects),
    adapterSha256: digestOf(files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }))),
    lockSha256: run.result.lockSha256,
    baseSha256: lock.base.sha256,
  };
}
