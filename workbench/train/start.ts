import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { Host } from "../host/host.ts";
import { hostNamed } from "../host/hosts.ts";
import { ensurePython } from "../host/python-env.ts";
import { FileRef } from "../schema/names.ts";
import { TrainResult } from "../schema/run.ts";
import { jsonText, replaceFile, writeOnce } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Journal } from "../store/journal.ts";
import { openJournal } from "../store/journal.ts";
import { withLock } from "../store/lock.ts";
import { readAs } from "../store/read-json.ts";
import type { Project } from "../store/paths.ts";
import { certify } from "./certify.ts";
import type { BaseGguf, Exporter } from "./export.ts";
import { ensureBaseGguf, exportAdapter } from "./export.ts";
import { assertFinished, follow } from "./follow.ts";
import type { TrainProgress } from "./progress.ts";
import { metricLines, runMetrics } from "./progress.ts";
import type { Resolved } from "./resolve.ts";
import { resolveRecipe } from "./resolve.ts";
import { estimateFor, refuseOverBudget, refuseUnsupported } from "./plan.ts";
import { jobOf, openRun } from "./run-folder.ts";

export interface TrainRequest {
  readonly project: Project;
  readonly recipe: string;
  /** A name in recipes/hosts.yaml; `local` when left out. */
  readonly host?: string;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Called with the trainer's process id once it runs, so that an interrupt can be passed on. */
  readonly onProcess?: (pid: number) => void;
}

export interface TrainReport {
  readonly run: string;
  readonly folder: string;
  /** True when this lock had been trained before: nothing was done but checking its files. */
  readonly reused: boolean;
  readonly result: TrainResult;
  readonly warnings: readonly string[];
}

/**
 * Trains a recipe: resolve and check → run folder → train on the host → fetch → export → parity →
 * result. Killed at any point, the same command goes on where it stopped and ends with the same
 * adapter; finished, it only checks the files.
 */
export async function train(request: TrainRequest, effects: Effects = realEffects): Promise<TrainReport> {
  const { project } = request;
  const tell = request.onProgress ?? (() => undefined);
  tell({ phase: "resolve", note: `resolving ${request.recipe}` });
  const resolved = await resolveRecipe(request, effects);
  const onNote = (note: string): void => tell({ phase: "environment", note });
  const host = await hostNamed({ project, name: request.host ?? "local", onNote }, effects);
  refuseUnsupported(resolved, host);
  const folder = join(project.runs, resolved.runId);
  const done = await finished({ project, folder, resolved }, effects);
  if (done) return { run: resolved.runId, folder, reused: true, result: done, warnings: resolved.warnings };
  const figures = await estimateFor({ project, resolved, hostName: host.name }, effects);
  refuseOverBudget(resolved, figures);
  const result = await withLock(
    join(project.private, "locks", `train-${resolved.runId}.lock`),
    `training ${resolved.lock.recipe}`,
    async () => work({ ...request, resolved, host, tell, onNote }, effects),
    effects,
  );
  return { run: resolved.runId, folder, reused: false, result, warnings: resolved.warnings };
}

interface Work extends Omit<TrainRequest, "host"> {
  readonly resolved: Resolved;
  readonly host: Host;
  readonly tell: (progress: TrainProgress) => void;
  readonly onNote: (note: string) => void;
}

async function work(job: Work, effects: Effects): Promise<TrainResult> {
  const { project, resolved, host, tell } = job;
  const folder = await openRun({ project, resolved, host }, effects);
  const journal = await openJournal(join(folder, "events.jsonl"), effects);
  const pulled = await step(
    { journal, folder, name: "trained" },
    () => trainOn(job, folder, effects),
    effects,
  );
  const { python } = await ensurePython(project, job.onNote, effects);
  const exporter: Exporter = { python, threads: host.threads };
  tell({ phase: "export", note: "exporting GGUF" });
  const baseGguf = await ensureBaseGguf({ project, base: resolved.base, exporter }, effects);
  const precisions = resolved.lock.effective["export.gguf"] as readonly string[];
  const exported = await step(
    { journal, folder, name: "exported" },
    () => exportAdapter({ folder, base: resolved.base, precisions, exporter }, effects),
    effects,
  );
  const artifacts = [...exported, ...pulled].sort((a, b) => (a.path < b.path ? -1 : 1));
  await replaceFile(
    join(folder, "artifacts.json"),
    jsonText({ schema: "workbench/artifacts@1", files: artifacts }),
    effects,
  );
  tell({ phase: "parity", note: "comparing the exported files with torch" });
  const parity = await certify({ resolved, folder, artifacts, baseGguf, exporter, journal }, effects);
  const result = await resultOf({ job, folder, artifacts, baseGguf, parity }, effects);
  await journal.append({ kind: "finished", key: "finished", data: { steps: result.steps } });
  await journal.sync();
  await writeOnce(join(folder, "result.json"), jsonText(result), effects);
  return result;
}

/** Does a step once: when the journal has it and its files verify, they are taken as they are. */
async function step(
  { journal, folder, name }: { readonly journal: Journal; readonly folder: string; readonly name: string },
  make: () => Promise<readonly FileRef[]>,
  effects: Effects,
): Promise<readonly FileRef[]> {
  const before = journal.content.lines.findLast((line) => line.kind === name);
  const files = FileRef.array().safeParse((before?.data as { files?: unknown } | undefined)?.files);
  if (files.success && (await isIntact(folder, files.data, effects))) return files.data;
  const made = await make();
  const key = `${name}:${made.map(({ sha256 }) => sha256.slice(0, 12)).join("+")}`;
  await journal.append({ kind: name, key, data: { files: made } });
  return made;
}

async function isIntact(folder: string, files: readonly FileRef[], effects: Effects): Promise<boolean> {
  try {
    await verifyFiles(folder, files, effects);
    return true;
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === "WB_INTEGRITY") return false;
    throw error;
  }
}

/** Launches, adopts or resumes the run on its host, follows it to its end and fetches what it made. */
async function trainOn(job: Work, folder: string, effects: Effects): Promise<readonly FileRef[]> {
  const { resolved, host, tell } = job;
  const { runId, steps } = resolved;
  const launched = await host.launch(await jobOf({ resolved, folder }, effects));
  if (launched.pid !== null && launched.state === "running") job.onProcess?.(launched.pid);
  const copyTo = join(folder, "metrics.jsonl");
  const watch = { host, runId, copyTo, totalSteps: steps, onProgress: tell };
  await assertFinished(host, runId, await follow(watch, effects));
  const artifacts = join(folder, "artifacts");
  const files = await host.pull(runId, artifacts);
  // The events belong to the run, not to what is served.
  await replaceFile(
    join(folder, "metrics.jsonl"),
    await effects.read(join(artifacts, "metrics.jsonl")),
    effects,
  );
  await effects.remove(join(artifacts, "metrics.jsonl"));
  return files.map((file) => ({
    ...file,
    path: file.path === "metrics.jsonl" ? file.path : `artifacts/${file.path}`,
  }));
}

async function resultOf(
  {
    job,
    folder,
    artifacts,
    baseGguf,
    parity,
  }: {
    readonly job: Work;
    readonly folder: string;
    readonly artifacts: readonly FileRef[];
    readonly baseGguf: BaseGguf;
    readonly parity: TrainResult["parity"];
  },
  effects: Effects,
): Promise<TrainResult> {
  const { lock, lockSha256, runId } = job.resolved;
  const text = Buffer.from(await effects.read(join(folder, "metrics.jsonl"))).toString("utf8");
  const { steps, seconds, metrics } = runMetrics(metricLines(text));
  const { usdPerHour } = job.host;
  return {
    schema: "workbench/train-result@1",
    run: runId,
    recipe: lock.recipe,
    method: lock.method,
    lockSha256,
    dataset: { name: lock.dataset.name, digest: lock.dataset.digest },
    start: lock.start?.run ?? null,
    base: { model: lock.base.model, sha256: lock.base.sha256, ggufSha256: baseGguf.sha256 },
    steps,
    seconds,
    costUsd: usdPerHour === null ? null : (seconds / 3600) * usdPerHour,
    metrics: { ...metrics },
    artifacts: [...artifacts],
    parity,
  };
}

/** The result of a run that was finished before, once every file of it verifies; null if it was not. */
async function finished(
  {
    project,
    folder,
    resolved,
  }: { readonly project: Project; readonly folder: string; readonly resolved: Resolved },
  effects: Effects,
): Promise<TrainResult | null> {
  const path = join(folder, "result.json");
  if (!(await effects.stat(path))) return null;
  const result = await readAs(TrainResult, path, effects);
  if (result.lockSha256 !== resolved.lockSha256)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: join(folder, "result.json"),
      what: "this result belongs to another lock",
      fix: "move the run folder away and run the same command again",
    });
  await verifyFiles(folder, result.artifacts, effects);
  // The base's export is shared and can be made again: only its absence matters here.
  const base = join(project.private, "bases", result.base.sha256.slice(0, 12), "base.gguf");
  return (await effects.stat(base)) ? result : null;
}
