import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { RunManifest } from "../schema/run.ts";
import { jsonText, replaceFile, writeOnce } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { codeFacts, hostFacts } from "../store/host-facts.ts";
import type { Project } from "../store/paths.ts";
import type { Host, TrainJob } from "../host/host.ts";
import type { Resolved } from "./resolve.ts";
import { readRunJson } from "./runs.ts";

/**
 * Makes `runs/<id>/` or checks that the one there belongs to this lock: manifest first, then the
 * lock, then the rows if the overlength rule changed them. A folder of another lock is exit 6.
 */
export async function openRun(
  {
    project,
    resolved,
    host,
  }: { readonly project: Project; readonly resolved: Resolved; readonly host: Host },
  effects: Effects = realEffects,
): Promise<string> {
  const folder = join(project.runs, resolved.runId);
  const path = join(folder, "manifest.json");
  const there = (await readRunJson(path, effects)) as { inputsSha256?: unknown } | null;
  if (there === null)
    await replaceFile(path, jsonText(await manifestOf({ project, resolved, host }, effects)), effects);
  else if (there.inputsSha256 !== resolved.lockSha256)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: path,
      what: "this run folder belongs to another lock",
      why: "its manifest was changed, or two locks share their first 12 digits",
      fix: "move the folder away and run the same command again",
    });
  await writeOnce(join(folder, "recipe.lock.json"), jsonText(resolved.lock), effects);
  return folder;
}

async function manifestOf(
  {
    project,
    resolved,
    host,
  }: { readonly project: Project; readonly resolved: Resolved; readonly host: Host },
  effects: Effects,
): Promise<RunManifest> {
  const { lock } = resolved;
  return {
    schema: "workbench/run@1",
    id: resolved.runId,
    kind: "train",
    experiment: null,
    name: lock.recipe,
    inputs: {
      lock: resolved.lockSha256,
      dataset: lock.dataset.digest,
      base: lock.base.sha256,
      start: lock.start?.run ?? null,
      trainer: lock.code.trainerSha256,
      environment: lock.env.lockSha256,
    },
    inputsSha256: resolved.lockSha256,
    seed: lock.seed,
    at: effects.now().toISOString(),
    host: hostFacts(),
    code: await codeFacts(project.root, effects),
    trainedOn: { host: host.name, kind: host.kind, threads: host.threads },
    packages: await host.packages(),
  };
}

/** The job for the host; rows that the overlength rule changed are written into the run folder first. */
export async function jobOf(
  { resolved, folder }: { readonly resolved: Resolved; readonly folder: string },
  effects: Effects = realEffects,
): Promise<TrainJob> {
  const { lock, base, dataset, start } = resolved;
  const place = async (name: "train" | "eval"): Promise<string | null> => {
    const split = resolved[name];
    if (split === null) return null;
    if (split.text === null) return join(dataset.folder, `${String(lock.effective[`data.${name}`])}.jsonl`);
    const path = join(folder, "data", `${name}.jsonl`);
    await writeOnce(path, split.text, effects);
    return path;
  };
  const [train, evaluation] = [await place("train"), await place("eval")];
  const rejects = [...resolved.train.rejects, ...(resolved.eval?.rejects ?? [])];
  if (rejects.length > 0)
    await writeOnce(join(folder, "data", "rejects.jsonl"), rejects.map(jsonText).join(""), effects);
  return {
    runId: resolved.runId,
    lock,
    base: base.folder,
    start: start?.adapter ?? null,
    train: train ?? "",
    eval: evaluation,
  };
}
