import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Host, JobState } from "../host/host.ts";
import { hostNamed } from "../host/hosts.ts";
import { RecipeLock } from "../schema/recipe-lock.ts";
import type { RunManifest } from "../schema/run.ts";
import { TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { assertFinished, follow } from "./follow.ts";
import type { TrainProgress } from "./progress.ts";
import { readRecipe } from "./recipe.ts";
import { resolveRecipe, stepsOf } from "./resolve.ts";
import { readRunJson, trainManifests } from "./runs.ts";
import type { TrainReport, TrainRequest } from "./start.ts";
import { train } from "./start.ts";

/** How a training run stands, derived from its files each time. */
export interface TrainStatus {
  readonly run: string;
  readonly recipe: string;
  readonly host: string;
  readonly startedAt: string;
  /** finished: result.json is there. trained: the host is done, export or parity is not. */
  readonly state: "finished" | "trained" | "running" | "stopped" | "failed" | "interrupted" | "not started";
  readonly detail: string;
  readonly result: TrainResult | null;
}

type RunRequest = { readonly project: Project; readonly run: string };

/** Every training run of a project, oldest first. */
export async function listTraining(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly TrainStatus[]> {
  const found = [];
  for (const manifest of await trainManifests(project, effects))
    found.push(await statusOf(project, manifest, effects));
  return found;
}

export async function trainStatus(
  { project, run }: RunRequest,
  effects: Effects = realEffects,
): Promise<TrainStatus> {
  return statusOf(project, await manifestOf({ project, run }, effects), effects);
}

async function statusOf(project: Project, manifest: RunManifest, effects: Effects): Promise<TrainStatus> {
  const name = hostOf(manifest);
  const common = { run: manifest.id, recipe: manifest.name, host: name, startedAt: manifest.at };
  const parsed = TrainResult.safeParse(
    await readRunJson(join(project.runs, manifest.id, "result.json"), effects),
  );
  if (parsed.success) {
    const { steps, seconds } = parsed.data;
    return {
      ...common,
      state: "finished",
      detail: `${steps} steps in ${seconds.toFixed(0)} s`,
      result: parsed.data,
    };
  }
  const host = await hostNamed({ project, name }, effects);
  return { ...common, ...described(await host.poll(manifest.id)), result: null };
}

function described({ state, exit, heartbeatAt }: JobState): Pick<TrainStatus, "state" | "detail"> {
  if (exit)
    return exit.code === 0
      ? { state: "trained", detail: "export and parity are missing: start it again" }
      : {
          state: exit.code === 130 ? "stopped" : "failed",
          detail: `${exit.reason} after step ${exit.lastStep}`,
        };
  if (state === "running")
    return { state, detail: heartbeatAt === null ? "starting" : `last sign of life ${heartbeatAt}` };
  if (state === "absent") return { state: "not started", detail: "start it again" };
  return { state: "interrupted", detail: `${state}: resume it from its last checkpoint` };
}

/** Watches a run that was started elsewhere until it ends; starts nothing. */
export async function followTraining(
  { project, run, onProgress }: RunRequest & { readonly onProgress: (progress: TrainProgress) => void },
  effects: Effects = realEffects,
): Promise<TrainStatus> {
  const manifest = await manifestOf({ project, run }, effects);
  const host = await hostNamed({ project, name: hostOf(manifest) }, effects);
  const lock = RecipeLock.parse(await readRunJson(join(project.runs, run, "recipe.lock.json"), effects));
  const totalSteps = stepsOf(lock.effective, lock.tokens.splits["train"]?.rows ?? 0);
  const state = await follow({ host, runId: run, copyTo: null, totalSteps, onProgress }, effects);
  await assertFinished(host, run, state);
  return statusOf(project, manifest, effects);
}

/** Asks a run to leave with a checkpoint; after `graceS` seconds it is killed. */
export async function stopTraining(
  { project, run, graceS = 60 }: RunRequest & { readonly graceS?: number },
  effects: Effects = realEffects,
): Promise<TrainStatus> {
  const manifest = await manifestOf({ project, run }, effects);
  const host: Host = await hostNamed({ project, name: hostOf(manifest) }, effects);
  await host.stop(run, graceS);
  return statusOf(project, manifest, effects);
}

/** Goes on with a run, if its recipe still means the same; another lock would be another run. */
export async function resumeTraining(
  request: RunRequest & Pick<TrainRequest, "onProgress" | "onProcess">,
  effects: Effects = realEffects,
): Promise<TrainReport> {
  const { project, run, ...watchers } = request;
  const manifest = await manifestOf({ project, run }, effects);
  const recipe = manifest.name;
  const { runId } = await resolveRecipe({ project, recipe }, effects);
  if (runId !== run) {
    const { file } = await readRecipe(project, recipe, effects);
    throw new WorkbenchError({
      code: "WB_TRAIN_REFUSED",
      where: file,
      what: `this recipe now resolves to run ${runId}, not to ${run}`,
      why: "the recipe, its dataset, its base, its start or the trainer changed since",
      fix: `start the new run: workbench train start ${recipe}`,
    });
  }
  return train({ project, recipe, host: hostOf(manifest), ...watchers }, effects);
}

function hostOf(manifest: RunManifest): string {
  const host = (manifest["trainedOn"] as { host?: unknown } | undefined)?.host;
  return typeof host === "string" ? host : "local";
}

async function manifestOf({ project, run }: RunRequest, effects: Effects): Promise<RunManifest> {
  const found = (await trainManifests(project, effects)).find(({ id }) => id === run);
  if (found) return found;
  throw new WorkbenchError({
    code: "WB_RUN_MISSING",
    what: `there is no training run ${quoted(run)}`,
    fix: "workbench train list",
  });
}
