import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { EvalResult, RunManifest } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { resolveInside, type Project } from "../store/paths.ts";

export interface EvalRun {
  readonly id: string;
  readonly suite: string;
  readonly arms: readonly string[];
  readonly planned: number;
  readonly done: number;
  readonly at: string;
}

/** The finished eval runs of a project, newest first. */
export async function listRuns(project: Project, effects: Effects): Promise<readonly EvalRun[]> {
  const runs: EvalRun[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (!manifest.success || manifest.data.kind !== "eval") continue;
    const result = EvalResult.safeParse(await readJson(join(folder, "result.json"), effects));
    if (!result.success) continue;
    const { suite, arms, planned, done } = result.data;
    runs.push({
      id,
      suite: suite.name,
      arms: arms.map(({ arm }) => arm),
      planned,
      done,
      at: manifest.data.at,
    });
  }
  return runs.sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** A finished eval run, by its id, the first digits of it, or as `latest`. @throws WB_RUN_MISSING, WB_RUN_UNFINISHED */
export async function findRun(
  project: Project,
  asked: string,
  effects: Effects,
): Promise<{ readonly id: string; readonly folder: string; readonly result: EvalResult }> {
  const id =
    asked === "latest" ? (await listRuns(project, effects))[0]?.id : await idOf(project, asked, effects);
  if (id === undefined)
    throw new WorkbenchError({
      code: "WB_RUN_MISSING",
      what: "there is no finished eval run",
      fix: "run `workbench eval <suite>` first",
    });
  const folder = await resolveInside(project.runs, [id], effects);
  const result = EvalResult.safeParse(await readJson(join(folder, "result.json"), effects));
  if (!result.success)
    throw new WorkbenchError({
      code: "WB_RUN_UNFINISHED",
      where: folder,
      what: "this is no finished eval run",
      fix: "run the eval again: it goes on where it stopped",
    });
  return { id, folder, result: result.data };
}

async function idOf(project: Project, asked: string, effects: Effects): Promise<string> {
  const ids = (await effects.list(project.runs)).filter((id) => id.startsWith(asked));
  if (ids.includes(asked)) return asked;
  if (ids[0] !== undefined && ids.length === 1) return ids[0];
  throw new WorkbenchError({
    code: "WB_RUN_MISSING",
    what: ids.length === 0 ? `there is no run ${quoted(asked)}` : `${quoted(asked)} begins several runs`,
    fix: "`workbench eval list` shows the finished ones",
  });
}

async function readJson(path: string, effects: Effects): Promise<unknown> {
  if (!(await effects.stat(path))) return null;
  return JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as unknown;
}
