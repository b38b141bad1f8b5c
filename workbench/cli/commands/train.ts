import { Command, InvalidArgumentError } from "commander";
import { checkTraining } from "../../train/check.ts";
import { exportBase } from "../../train/export.ts";
import type { Interval } from "../../train/estimate.ts";
import { planTraining } from "../../train/plan.ts";
import type { TrainProgress } from "../../train/progress.ts";
import type { TrainReport } from "../../train/start.ts";
import { train } from "../../train/start.ts";
import type { TrainStatus } from "../../train/status.ts";
import {
  followTraining,
  listTraining,
  resumeTraining,
  stopTraining,
  trainStatus,
} from "../../train/status.ts";
import { ensurePython } from "../../host/python-env.ts";
import type { Effects } from "../../store/effects.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output, Progress } from "../output.ts";

interface OnHost {
  readonly on: string;
}

export function command(): Command {
  const root = new Command("train").description("Train a recipe and export what was learned.");
  const sub = (name: string, summary: string): Command => {
    const made = new Command(name).summary(summary).description(`${summary}.`).exitOverride();
    root.addCommand(made);
    return made;
  };
  const host = ["--on <host>", "a host of recipes/hosts.yaml", "local"] as const;
  sub("check", "check a recipe against its data")
    .argument("<recipe>", "a recipe's name, or its file")
    .action(withContext(check));
  sub("plan", "estimate a recipe on a host")
    .argument("<recipe>", "a recipe's name, or its file")
    .option(...host)
    .action(withContext(plan));
  sub("start", "train a recipe, export it and check parity")
    .argument("<recipe>", "a recipe's name, or its file")
    .option(...host)
    .action(withContext(start));
  sub("follow", "watch a run until it ends").argument("<run>", "the run's id").action(withContext(follow));
  sub("status", "say how a run stands").argument("<run>", "the run's id").action(withContext(status));
  sub("stop", "ask a run to leave with a checkpoint")
    .argument("<run>", "the run's id")
    .option("--grace <seconds>", "how long it may take; then it is killed", seconds, 60)
    .action(withContext(stop));
  sub("resume", "go on with a run").argument("<run>", "the run's id").action(withContext(resume));
  sub("list", "list the training runs").action(withContext(list));
  sub("export-base", "export a base to GGUF")
    .argument("<base>", "a base of recipes/bases")
    .action(withContext(exportBaseCommand));
  return root;
}

async function check({ project, out, effects }: Context, recipe: string): Promise<undefined> {
  const report = await checkTraining({ project, recipe }, effects);
  out.result(report);
  out.line(`${out.paint.bold(report.recipe)}  run ${report.run}  ${report.dataset}  ${report.steps} steps`);
  for (const [split, counts] of Object.entries(report.splits))
    out.line(
      `  ${split.padEnd(6)} ${counts.rows} rows, ${counts.total} tokens, ${(counts.supervisedShare * 100).toFixed(1)} % learned, longest ${counts.longest}, too long ${counts.overlength}`,
    );
  for (const warning of report.warnings) out.note(`warning: ${warning}`);
  out.line("  the first row; what is learned stands between bars, its end-of-turn token included:");
  for (const pieces of report.sample)
    out.line(
      pieces
        .map(({ text, learned }) => (learned ? out.paint.green(shown(text)) : out.paint.dim(shown(text))))
        .join("│"),
    );
  return undefined;
}

/** Text of a row as one printable line: it is data. */
function shown(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}

async function plan({ project, out, effects }: Context, recipe: string, { on }: OnHost): Promise<undefined> {
  const report = await planTraining({ project, recipe, host: on }, effects);
  out.result(report);
  const { estimate } = report;
  const { source, runs } = estimate.rate;
  const label =
    source === "measured"
      ? `from ${runs} earlier runs${runs < 8 ? ", uncalibrated" : ""}`
      : `${source} rate, uncalibrated`;
  out.line(`${out.paint.bold(report.recipe)} on ${report.host} (${report.kind})  run ${report.run}`);
  out.line(`  steps    ${estimate.steps}`);
  out.line(`  tokens   ${estimate.tokens} (${estimate.supervisedTokens} learned)`);
  out.line(`  FLOP     ${estimate.flop === null ? "–" : estimate.flop.toExponential(2)}`);
  out.line(`  time     ${range(estimate.seconds, 1, "s")}  (${label})`);
  out.line(`  memory   ${range(estimate.memoryBytes, 1e-9, "GB")}`);
  out.line(
    `  cost     ${estimate.costUsd === null ? "" : range(estimate.costUsd, 1, "USD", 2)}${estimate.costUsd === null ? "no dated price" : ""}`,
  );
  for (const warning of report.warnings) out.note(`warning: ${warning}`);
  return undefined;
}

function range(interval: Interval | null, factor: number, unit: string, digits = 1): string {
  if (interval === null) return "unknown";
  const [value, low, high] = [interval.value, interval.low, interval.high].map((x) =>
    (x * factor).toFixed(digits),
  );
  return `${value} ${unit} [${low}, ${high}]`;
}

async function start(context: Context, recipe: string, { on }: OnHost): Promise<undefined> {
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

async function resume({ project, out, effects }: Context, run: string): Promise<undefined> {
  const watch = watcher(out);
  const request = { project, run, onProgress: watch.onProgress, onProcess: stopOnInterrupt(effects) };
  printReport(out, await resumeTraining(request, effects).finally(watch.end));
  return undefined;
}

/** Ctrl-C reaches the trainer too, which has a session of its own: it saves a checkpoint and leaves. */
function stopOnInterrupt(effects: Effects): (pid: number) => void {
  return (pid) => void process.prependOnceListener("SIGINT", () => effects.kill(pid, "SIGTERM"));
}

interface Watcher {
  readonly onProgress: (progress: TrainProgress) => void;
  readonly end: () => void;
}

function watcher(out: Output): Watcher {
  let bar: Progress | null = null;
  const end = (): void => {
    bar?.end();
    bar = null;
  };
  const onProgress = (progress: TrainProgress): void => {
    if (progress.note !== undefined) {
      end();
      out.note(progress.note);
      return;
    }
    const { step = 0, totalSteps = null, loss, evalLoss, tokensPerS } = progress;
    bar ??= out.progress("training", totalSteps);
    const figures = [
      loss == null ? "" : `loss ${loss.toFixed(4)}`,
      evalLoss == null ? "" : `validation ${evalLoss.toFixed(4)}`,
      tokensPerS == null ? "" : `${Math.round(tokensPerS)} tokens/s`,
    ];
    bar.update(step, figures.filter(Boolean).join("  "));
  };
  return { onProgress, end };
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

async function follow({ project, out, effects }: Context, run: string): Promise<undefined> {
  const watch = watcher(out);
  printStatus(out, [
    await followTraining({ project, run, onProgress: watch.onProgress }, effects).finally(watch.end),
  ]);
  return undefined;
}

async function status({ project, out, effects }: Context, run: string): Promise<undefined> {
  printStatus(out, [await trainStatus({ project, run }, effects)]);
  return undefined;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("seconds, 0 or more");
  return value;
}

async function stop(
  { project, out, effects }: Context,
  run: string,
  options: { readonly grace: number },
): Promise<undefined> {
  printStatus(out, [await stopTraining({ project, run, graceS: options.grace }, effects)]);
  return undefined;
}

async function list({ project, out, effects }: Context): Promise<undefined> {
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

async function exportBaseCommand({ project, out, effects }: Context, name: string): Promise<undefined> {
  const { python } = await ensurePython(project, out.note, effects);
  const made = await exportBase({ project, name, exporter: { python, threads: 1 } }, effects);
  out.result(made);
  out.line(`${made.path}  ${made.sha256.slice(0, 12)}  ${made.bytes} bytes`);
  return undefined;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench train check tiny-sft", "the recipe against its data: masks, lengths, counts; no host is asked"],
  [
    "workbench train plan tiny-sft --on local",
    "steps, tokens, time, memory and cost before anything is spent",
  ],
  [
    "workbench train start tiny-sft",
    "train, fetch, export to GGUF, check parity; again = goes on, or says it is done",
  ],
  ["workbench train list", "every training run and how it stands"],
  ["workbench train status 3f2a9c0d1e4b", "how one run stands"],
  ["workbench train follow 3f2a9c0d1e4b", "watch a run that was started elsewhere"],
  ["workbench train stop 3f2a9c0d1e4b", "leave with a checkpoint"],
  ["workbench train resume 3f2a9c0d1e4b", "go on from its newest checkpoint"],
  ["workbench train export-base tiny-router", "GGUF of a bare base, so that it can be served"],
];

export const NOTES = `
Ctrl-C while training saves a checkpoint; the same command goes on from there.`;
