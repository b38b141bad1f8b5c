import { join } from "node:path";
import { BaseExport } from "../endpoint/llama/base-export.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { FileRef } from "../schema/names.ts";
import { RunManifest, TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";

/** A weights file and the folder and digest it is checked against before it is loaded. */
export interface Weights {
  readonly folder: string;
  readonly file: FileRef;
}

/** A model that can be asked for by name. */
export interface ServedModel {
  /** `tiny-router`, `tiny-router@<run id>` or, for the newest run of a recipe, `tiny-router@<recipe>`. */
  readonly name: string;
  readonly base: string;
  readonly model: Weights;
  /** Null for a bare base, and for a run that trained all weights. */
  readonly adapter: Weights | null;
  readonly run: string | null;
  readonly recipe: string | null;
}

/** A name that is known and cannot be served, and why. */
export interface MissingModel {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

export interface ModelList {
  readonly models: readonly ServedModel[];
  readonly missing: readonly MissingModel[];
}

/**
 * The models of a project: every base in `recipes/bases` that has been exported to GGUF, and every
 * finished training run on one, under its run id and, for the newest of a recipe, the recipe's name.
 * Nothing is loaded and no digest is checked here: `verifyModel` does that, once, before loading.
 */
export async function findModels(project: Project, effects: Effects = realEffects): Promise<ModelList> {
  const exports = await findExports(project, effects);
  const models: ServedModel[] = [];
  const missing: MissingModel[] = [];
  for (const base of await effects.list(join(project.recipes, "bases"))) {
    const newest = exports.filter((one) => one.base === base).sort((a, b) => b.at - a.at)[0];
    if (newest)
      models.push({ name: base, base, model: newest.weights, adapter: null, run: null, recipe: null });
    else missing.push(notExported(base));
  }
  const runs = await findRuns(project, effects);
  const named = new Set<string>();
  for (const run of runs) {
    const found = served(run, exports);
    // Runs come newest first: the first of a recipe takes its name.
    for (const label of named.has(run.result.recipe) ? [run.id] : [run.id, run.result.recipe]) {
      const name = `${baseName(run.result)}@${label}`;
      if ("reason" in found) missing.push({ ...found, name });
      else models.push({ ...found, name });
    }
    named.add(run.result.recipe);
  }
  return { models, missing };
}

/** The model of that name, or an error that says what is there or what to run. */
export function pickModel(list: ModelList, name: string): ServedModel {
  const found = list.models.find((model) => model.name === name);
  if (found) return found;
  const missing = list.missing.find((model) => model.name === name);
  if (missing)
    throw new WorkbenchError({
      code: "WB_MODEL_INVALID",
      what: `${quoted(name)} cannot be served yet`,
      why: missing.reason,
      fix: missing.fix,
    });
  throw new WorkbenchError({
    code: "WB_MODEL_UNKNOWN",
    what: `there is no model ${quoted(name)}`,
    why: `these are there: ${list.models.map((model) => model.name).join(", ") || "none"}`,
    fix: "use one of these names, or train the recipe first: workbench train start <recipe>",
  });
}

/** Checks the bytes of a model's files against their digests; a difference is exit 6. */
export async function verifyModel(model: ServedModel, effects: Effects = realEffects): Promise<void> {
  for (const weights of [model.model, model.adapter])
    if (weights) await verifyFiles(weights.folder, [weights.file], effects);
}

interface Export {
  readonly base: string;
  /** First 12 digits of the base's digest: the folder's name. */
  readonly short: string;
  readonly at: number;
  readonly weights: Weights;
}

async function findExports(project: Project, effects: Effects): Promise<readonly Export[]> {
  const root = join(project.private, "bases");
  const found: Export[] = [];
  for (const short of await effects.list(root)) {
    const folder = join(root, short);
    const manifest = BaseExport.safeParse(await readJson(join(folder, "manifest.json"), effects));
    const info = await effects.stat(join(folder, "base.gguf"));
    if (!manifest.success || !info || !/^[0-9a-f]{12}$/.test(short)) continue;
    const file = { path: "base.gguf", sha256: manifest.data.sha256, bytes: info.size };
    found.push({ base: manifest.data.base, short, at: info.mtimeMs, weights: { folder, file } });
  }
  return found;
}

interface Run {
  readonly id: string;
  readonly folder: string;
  readonly at: string;
  readonly result: TrainResult;
}

/** Finished training runs, newest first. */
async function findRuns(project: Project, effects: Effects): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    const result = TrainResult.safeParse(await readJson(join(folder, "result.json"), effects));
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (result.success && manifest.success)
      runs.push({ id, folder, at: manifest.data.at, result: result.data });
  }
  return runs.sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1));
}

type Served = Omit<ServedModel, "name">;

/** How a run is served: its adapter on its base, or, when all weights were trained, its own model. */
function served(
  { id, folder, result }: Run,
  exports: readonly Export[],
): Served | Omit<MissingModel, "name"> {
  const artifact = (name: string): FileRef | undefined =>
    result.artifacts.find(({ path }) => path === name || path.endsWith(`/${name}`));
  const identity = { base: baseName(result), run: id, recipe: result.recipe };
  const adapter = artifact("adapter.gguf");
  const whole = artifact("merged.gguf");
  if (!adapter && whole) return { ...identity, model: { folder, file: whole }, adapter: null };
  if (!adapter)
    return {
      reason: `run ${id} names neither artifacts/adapter.gguf nor artifacts/merged.gguf`,
      fix: `name a precision in the recipe's export.gguf, then: workbench train start ${result.recipe}`,
    };
  const base = exports.find(({ short }) => result.base.sha256.startsWith(short));
  if (!base) return notExported(identity.base);
  return { ...identity, model: base.weights, adapter: { folder, file: adapter } };
}

function baseName(result: TrainResult): string {
  return result.base.model.replace(/^bases\//, "");
}

function notExported(base: string): MissingModel {
  return {
    name: base,
    reason: `the base ${base} has not been exported to GGUF: .workbench/bases/<digest>/base.gguf and its manifest.json are not there`,
    fix: `workbench train export-base ${base}`,
  };
}

/** Null for a file that is not there or is no JSON: then it is not ours. */
async function readJson(path: string, effects: Effects): Promise<unknown> {
  try {
    return (await effects.stat(path))
      ? JSON.parse(Buffer.from(await effects.read(path)).toString("utf8"))
      : null;
  } catch {
    return null;
  }
}
