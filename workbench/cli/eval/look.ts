import type { ExitCode } from "../../errors/codes.ts";
import { listRuns } from "../../evaluate/list.ts";
import { listSuites } from "../../evaluate/load.ts";
import { showSample } from "../../evaluate/show.ts";
import { explain } from "../../evaluate/why.ts";
import type { Context } from "../context.ts";
import { printEvaluation } from "../print-evaluation.ts";

/** The suites that are there, and their finished runs. */
export async function list({ project, out, effects }: Context): Promise<ExitCode> {
  const suites = await listSuites(project, effects);
  const runs = await listRuns(project, effects);
  for (const { name, file } of suites) out.line(`${out.paint.bold(name)}  ${out.paint.dim(file)}`);
  if (suites.length === 0) out.note("no suite here yet: workbench eval new <name>");
  for (const run of runs)
    out.line(`${run.id}  ${run.suite}  ${run.done}/${run.planned}  ${run.arms.join(", ")}  ${run.at}`);
  out.result({ suites, runs });
  return 0;
}

/** A run's figures, or every arm's answer to one sample. */
export async function show(
  { project, out, effects }: Context,
  run: string,
  sample?: string,
): Promise<ExitCode> {
  const shown = await showSample(project, { run, sample: sample ?? null }, effects);
  if (shown.kind === "run") printEvaluation(shown.evaluation, out);
  else for (const line of shown.lines) out.line(line);
  out.result(shown);
  return 0;
}

/** Where a sample's answers came from. */
export async function why(
  { project, out, effects }: Context,
  run: string,
  sample: string,
): Promise<ExitCode> {
  const explained = await explain(project, { run, sample }, effects);
  for (const { sentence } of explained) out.line(sentence);
  out.result(explained);
  return 0;
}
