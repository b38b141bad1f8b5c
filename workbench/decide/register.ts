import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ModelData } from "../schema/registry.ts";
import { TrainResult } from "../schema/run.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { readJson, shaped } from "../store/read-json.ts";
import { runFolder } from "./evidence.ts";
import { appendPatiently, type Log, type LogEvent } from "./log.ts";
import { findModel, registryOf, rowsOf, type ModelVersion } from "./registry.ts";

export interface RegisterRequest {
  readonly project: Project;
  /** A finished training run whose export parity passed. */
  readonly trainRun: string;
}

/**
 * Offers a finished training run to the registry as `v1.{week}.{iteration}`: weeks since
 * `registry.epoch`, iteration within the week. Registering the same run again returns what is there.
 * Refused (exit 3) without a passed parity check; its artifacts must hash as recorded (exit 6).
 */
export async function registerModel(
  { project, trainRun }: RegisterRequest,
  effects: Effects = realEffects,
): Promise<ModelVersion> {
  const folder = await runFolder(project, trainRun, effects);
  const path = join(folder, "result.json");
  const value = await readJson(path, effects);
  if ((value as { schema?: unknown } | null)?.schema !== "workbench/train-result@1")
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `runs/${trainRun}`,
      what: "this is no training run",
      why: "the registry holds models, and only training runs make them",
      fix: "workbench train list shows the training runs",
    });
  const result = shaped(TrainResult, value, path);
  if (result.parity?.passed !== true)
    throw new WorkbenchError({
      code: "WB_PROMOTION_REFUSED",
      where: `runs/${trainRun}/result.json`,
      what: "this run has no passed export parity check",
      why: "an artifact that does not answer as the trained model did gets no version",
      fix: "train again with export.parity, or look at the failed checks on the run page",
    });
  await verifyFiles(folder, result.artifacts, effects);
  const { registry } = await loadConfig(project, effects);
  const log = await appendPatiently(
    project,
    (now) => [registration(result, { log: now, epoch: registry.epoch, at: effects.now() })],
    effects,
  );
  return findModel(registryOf(log), trainRun);
}

function registration(
  result: TrainResult,
  { log, epoch, at }: { readonly log: Log; readonly epoch: string; readonly at: Date },
): LogEvent {
  const parent = rowsOf(log, "model.registered").find((row) => row.data["run"] === result.start);
  // A run's journal has a clock in it: it is no part of what the model is.
  const files = result.artifacts
    .filter(({ path }) => !path.endsWith(".jsonl"))
    .map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
  const data: ModelData = {
    model: result.recipe,
    version: nextVersion(log, epoch, at),
    weightsSha256: digestOf(files.map((file) => file.sha256)),
    artifacts: files,
    base: { model: result.base.model, sha256: result.base.sha256 },
    dataset: { name: result.dataset.name, digest: result.dataset.digest },
    recipe: result.recipe,
    run: result.run,
    parent: parent === undefined ? null : String(parent.data["version"]),
    metrics: result.metrics,
  };
  return { kind: "model.registered", key: `model:${result.run}`, data };
}

const WEEK_MS = 7 * 24 * 3600 * 1000;

/** Worked value: epoch 2026-01-05, on 2026-01-20 the first is v1.2.1 and the next v1.2.2. */
export function nextVersion(log: Log, epoch: string, at: Date): string {
  const week = Math.max(0, Math.floor((at.getTime() - Date.parse(epoch)) / WEEK_MS));
  const prefix = `v1.${week}.`;
  const taken = rowsOf(log, "model.registered")
    .map((row) => String(row.data["version"]))
    .filter((version) => version.startsWith(prefix))
    .map((version) => Number(version.slice(prefix.length)));
  return `${prefix}${Math.max(0, ...taken) + 1}`;
}

/** Hashes every artifact of every version again; the first that differs is exit 6. */
export async function verifyModels(
  project: Project,
  models: readonly ModelVersion[],
  effects: Effects = realEffects,
): Promise<number> {
  let files = 0;
  for (const model of models) {
    await verifyFiles(await runFolder(project, model.run, effects), model.artifacts, effects);
    files += model.artifacts.length;
  }
  return files;
}
