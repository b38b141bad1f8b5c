import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { EvalResult, RunManifest, SampleRow, TrainResult } from "../schema/run.ts";
import type { FileRef } from "../schema/names.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { fileRef, verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { readAs, readJson } from "../store/read-json.ts";
import { resolveInside } from "../store/paths.ts";
import type { ArmEvidence } from "./health.ts";
import { integrity } from "./integrity.ts";

/** A file a verdict stands on: path from the project's root, digest, size, rows and what it is. */
export interface EvidenceRef extends FileRef {
  readonly role: string;
  readonly rows: number;
}

/** A finished eval run, its files checked against the digests its result names. */
export interface EvalRun {
  readonly id: string;
  readonly manifest: RunManifest;
  readonly result: EvalResult;
  readonly rows: readonly SampleRow[];
  readonly refs: readonly EvidenceRef[];
}

/** Opens an eval run; an unfinished one is exit 2, a changed file exit 6. */
export async function openEvalRun(
  project: Project,
  id: string,
  effects: Effects = realEffects,
): Promise<EvalRun> {
  const folder = await runFolder(project, id, effects);
  const result = await readAs(EvalResult, join(folder, "result.json"), effects);
  await verifyFiles(folder, result.files, effects);
  const manifest = await readAs(RunManifest, join(folder, "manifest.json"), effects);
  const rows = await readSamples(join(folder, "samples.jsonl"), effects);
  const ref = async (file: string, role: string, count: number): Promise<EvidenceRef> => ({
    ...(await evidenceRef(project, `runs/${id}/${file}`, effects)),
    role,
    rows: count,
  });
  return {
    id,
    manifest,
    result,
    rows,
    refs: [
      await ref("manifest.json", "eval-manifest", 1),
      await ref("result.json", "eval-result", 1),
      await ref("samples.jsonl", "samples", rows.length),
    ],
  };
}

export async function evidenceRef(project: Project, path: string, effects: Effects): Promise<FileRef> {
  return fileRef(project.root, path, effects);
}

/** The folder of a finished run. */
export async function runFolder(project: Project, id: string, effects: Effects): Promise<string> {
  const folder = await resolveInside(project.runs, [id], effects);
  if (!(await effects.stat(folder)))
    throw new WorkbenchError({
      code: "WB_RUN_MISSING",
      where: `runs/${id}`,
      what: "there is no such run",
      fix: "see `workbench eval list` and `workbench train list`",
    });
  if (!(await effects.stat(join(folder, "result.json"))))
    throw new WorkbenchError({
      code: "WB_RUN_UNFINISHED",
      where: `runs/${id}`,
      what: "this run has no result yet",
      fix: "run the command that started it again: it goes on where it stopped",
    });
  return folder;
}

/** The newest finished run of a kind, by the time in its manifest and then by its id. */
export async function latestRun(
  project: Project,
  kind: RunManifest["kind"],
  effects: Effects = realEffects,
): Promise<string> {
  const found: { id: string; at: string }[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    if (!(await effects.stat(join(folder, "result.json")))) continue;
    if (!(await effects.stat(join(folder, "manifest.json")))) continue;
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (manifest.success && manifest.data.kind === kind) found.push({ id, at: manifest.data.at });
  }
  const newest = found.sort((a, b) => (a.at + a.id < b.at + b.id ? 1 : -1))[0];
  if (newest) return newest.id;
  throw new WorkbenchError({
    code: "WB_RUN_MISSING",
    where: "runs",
    what: `there is no finished ${kind} run`,
    fix: kind === "eval" ? "run `workbench eval <suite>` first" : "run `workbench decide` first",
  });
}

/** One arm of an eval run with its own rows. */
export function armOf(run: EvalRun, name: string): ArmEvidence {
  const arm = run.result.arms.find((one) => one.arm === name);
  if (!arm)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `runs/${run.id}`,
      what: `there is no arm ${quoted(name)} in this run`,
      fix: `its arms are ${run.result.arms.map((one) => one.arm).join(", ")}`,
    });
  const rows = run.rows.filter((row) => row.arm === name);
  return { arm, suite: run.result.suite, scorers: run.result.scorers, rows };
}

/** The training run an arm came from, where it is in this project and finished. */
export async function trainingOf(
  project: Project,
  run: string | null,
  effects: Effects,
): Promise<{ readonly result: TrainResult; readonly ref: EvidenceRef } | null> {
  if (run === null) return null;
  const path = await resolveInside(project.runs, [run, "result.json"], effects);
  if (!(await effects.stat(path))) return null;
  const parsed = TrainResult.safeParse(await readJson(path, effects));
  if (!parsed.success) return null;
  const ref = await evidenceRef(project, `runs/${run}/result.json`, effects);
  return { result: parsed.data, ref: { ...ref, role: "training", rows: 1 } };
}

export async function readSamples(path: string, effects: Effects): Promise<readonly SampleRow[]> {
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    try {
      return SampleRow.parse(JSON.parse(line));
    } catch (error) {
      throw integrity(`${path}:${i + 1}`, "this line is not a sample row", messageOf(error));
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
