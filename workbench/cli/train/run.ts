import type { Effects } from "../../store/effects.ts";
import { train, type TrainReport } from "../../train/start.ts";
import { resumeTraining } from "../../train/status.ts";
import type { Context } from "../context.ts";
import type { Output } from "../output.ts";
import { watcher } from "./watcher.ts";

export interface OnHost {
  readonly on: string;
}

/** Trains a recipe, exports it and checks parity. */
export async function start(context: Context, recipe: string, { on }: OnHost): Promise<undefined> {
  const { project, out, effects } = context;
  const watch = watcher(out);
  const request = {
    project,
    recipe,
    host: on,
    onProgress: watch.onProgress,
    onProcess: stopOnInterrupt(effects),
  };
  printReport(out, await train(request, effects).finally(watch.end));
  return undefined;
}

/** Goes on with a run. */
export async function resume({ project, out, effects }: Context, run: string): Promise<undefined> {
  const watch = watcher(out);
  const request = { project, run, onProgress: watch.onProgress, onProcess: stopOnInterrupt(effects) };
  printReport(out, await resumeTraining(request, effects).finally(watch.end));
  return undefined;
}

/** Ctrl-C reaches the trainer too, which has a session of its own: it saves a checkpoint and leaves. */
function stopOnInterrupt(effects: Effects): (pid: number) => void {
  return (pid) => void process.prependOnceListener("SIGINT", () => effects.kill(pid, "SIGTERM"));
}

function printReport(out: Output, report: TrainReport): void {
  out.result(report);
  const { result } = report;
  const figure = (name: string): string => result.metrics[name]?.toFixed(4) ?? "–";
  out.line(
    `${out.paint.bold(result.recipe)}  run ${report.run}${report.reused ? "  (done before, files verified)" : ""}`,
  );
  out.line(
    `  ${result.steps} steps in ${result.seconds.toFixed(1)} s, loss ${figure("loss")}, validation ${figure("evalLoss")}`,
  );
  for (const { name, passed, detail } of result.parity?.checks ?? [])
    out.line(`  ${passed ? out.paint.green("same") : out.paint.red("differs")}  ${name}: ${detail}`);
  for (const file of result.artifacts.filter(
    ({ path }) => path.endsWith(".gguf") || path.endsWith("adapter_model.safetensors"),
  ))
    out.line(`  runs/${report.run}/${file.path}  ${file.sha256.slice(0, 12)}`);
  for (const warning of report.warnings) out.note(`warning: ${warning}`);
}
