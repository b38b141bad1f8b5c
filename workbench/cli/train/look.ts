import {
  followTraining,
  listTraining,
  stopTraining,
  trainStatus,
  type TrainStatus,
} from "../../train/status.ts";
import type { Context } from "../context.ts";
import type { Output } from "../output.ts";
import { watcher } from "./watcher.ts";

/** Watches a run until it ends. */
export async function follow({ project, out, effects }: Context, run: string): Promise<undefined> {
  const watch = watcher(out);
  printStatus(out, [
    await followTraining({ project, run, onProgress: watch.onProgress }, effects).finally(watch.end),
  ]);
  return undefined;
}

/** How a run stands. */
export async function status({ project, out, effects }: Context, run: string): Promise<undefined> {
  printStatus(out, [await trainStatus({ project, run }, effects)]);
  return undefined;
}

/** Asks a run to leave with a checkpoint. */
export async function stop(
  { project, out, effects }: Context,
  run: string,
  options: { readonly grace: number },
): Promise<undefined> {
  printStatus(out, [await stopTraining({ project, run, graceS: options.grace }, effects)]);
  return undefined;
}

/** Every training run. */
export async function list({ project, out, effects }: Context): Promise<undefined> {
  const runs = await listTraining(project, effects);
  printStatus(out, runs);
  if (runs.length === 0) out.note("no training run yet: workbench train start <recipe>");
  return undefined;
}

function printStatus(out: Output, runs: readonly TrainStatus[]): void {
  out.result(runs);
  for (const { run, recipe, host, state, detail } of runs)
    out.line(`${run}  ${recipe.padEnd(24)} ${host.padEnd(8)} ${state.padEnd(12)} ${detail}`);
}
