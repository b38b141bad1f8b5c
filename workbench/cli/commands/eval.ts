import { resolve } from "node:path";
import { Command, Option, InvalidArgumentError } from "commander";
import type { ExitCode } from "../../errors/codes.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { asWorkbenchError, renderError } from "../../errors/render.ts";
import { changes } from "../../evaluate/changes.ts";
import { estimate } from "../../evaluate/estimate.ts";
import { evaluate, type Evaluation, type EvalRequest } from "../../evaluate/evaluate.ts";
import { calibrate, loadJudge } from "../../evaluate/judges/calibrate.ts";
import { judgesIn } from "../../evaluate/judges/seat.ts";
import { writeQueue } from "../../evaluate/human/queue.ts";
import { writeJunit } from "../../evaluate/junit.ts";
import { importResults } from "../../evaluate/imports/import.ts";
import { listRuns } from "../../evaluate/list.ts";
import { listSuites, loadSuite } from "../../evaluate/load.ts";
import { newSuite, SUITE_KINDS, type SuiteKind } from "../../evaluate/scaffold.ts";
import { showSample } from "../../evaluate/show.ts";
import { storedOutputs } from "../../evaluate/rescore.ts";
import type { ArmSource } from "../../evaluate/suite.ts";
import { explain } from "../../evaluate/why.ts";
import { resolveArms } from "../../flow/arms.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext, type Context } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Progress } from "../output.ts";
import { printEstimate } from "../print-estimate.ts";
import { printEvaluation } from "../print-evaluation.ts";
import { printJudge } from "../print-judge.ts";

interface EvalOptions {
  readonly arm: readonly (readonly [name: string, model: string])[];
  readonly only?: string;
  readonly limit?: number;
  readonly fresh?: boolean;
  readonly stored: boolean;
  readonly rescore?: string;
  readonly concurrency?: number;
  readonly stream?: boolean;
  readonly experiment?: string;
  readonly junit?: string;
  readonly budgetUsd?: number;
  readonly estimate?: boolean;
  readonly watch?: boolean;
}

export function command(): Command {
  const evalCommand = new Command("eval")
    .argument("[suite]", "a suite's name, or the path of its *.eval.ts file")
    .addOption(
      new Option("--arm <name=model>", "answer with this model; repeat for several")
        .argParser(collectArm)
        .default([], "the suite's arms"),
    )
    .option("--only <samples>", "only samples whose id or label begins so, or slice=value")
    .option("--limit <n>", "a random part of this many samples, the same each time", wholeNumber)
    .option("--fresh", "a new run, although a finished one of the same inputs is there")
    .option("--no-stored", "ask again, although answers are stored")
    .option("--rescore <run>", "score the answers of a finished run again; no model is called")
    .option("--concurrency <n>", "calls in flight (default: found out; 1 for local models)", wholeNumber)
    .option("--stream", "measure the time to the first token")
    .option("--budget-usd <usd>", "end, valid and partial, before calls cost more than this", dollars)
    .option("--estimate", "say how many calls, tokens and dollars it would take; asks nothing")
    .option("--watch", "run again whenever a suite, its data or the configuration changes; Ctrl-C ends it")
    .option("--junit <file>", "also write the rows as JUnit XML, for CI")
    .option("--experiment <name>", "the question that joins this run with others")
    .action(withContext(runEval));
  evalCommand
    .command("list")
    .description("the suites of this project and their finished runs")
    .action(withContext(list));
  evalCommand
    .command("show")
    .argument("<run>", "an eval run's id")
    .argument("[sample]", "a sample's id, or its first characters")
    .description("a run's figures, or every arm's answer to one sample")
    .action(withContext(show));
  evalCommand
    .command("why")
    .argument("<run>", "an eval run's id")
    .argument("<sample>", "a sample's id, or its first characters")
    .description(
      "whether a sample's answers came from the store, and what differs from the nearest stored ones",
    )
    .action(withContext(why));
  evalCommand
    .command("import")
    .argument("<file>", "promptfoo .json, lm-evaluation-harness samples_*.jsonl, Inspect .json or .eval")
    .option("--arm <name>", "what the arm is called")
    .option("--select <name>", "the provider or filter, where the file holds several")
    .description("make a recorded arm of another tool's results")
    .action(
      withContext((context: Context, file: string, { select }: { readonly select?: string }) => {
        // The option of the same name above this command has read it.
        const [named] = evalCommand.opts<EvalOptions>().arm.at(-1) ?? [];
        return importArm(context, file, { arm: named, select });
      }),
    );
  evalCommand
    .command("judge")
    .argument("<name>", "a judge's name: evals/judges/<name>.judge.ts")
    .description("hold a judge against labelled answers and attacks, and write its card")
    .action(
      // The option --budget-usd above this command has been read there.
      withContext((context: Context, name: string) => judge(context, name, evalCommand.opts<EvalOptions>())),
    );
  evalCommand
    .command("review")
    .argument("<run>", "a finished run's id")
    .description("write its answers for people to rate: no arm, no score, shuffled; --limit takes a part")
    .action(
      // The option --limit above this command has been read there.
      withContext((context: Context, run: string) => review(context, run, evalCommand.opts<EvalOptions>())),
    );
  evalCommand
    .command("new")
    .argument("<name>", "the suite's name: a-z, 0-9 and -")
    .addOption(
      new Option("--kind <kind>", "what it begins as")
        .choices(Object.keys(SUITE_KINDS))
        .default("chat" satisfies SuiteKind),
    )
    .description("write a small suite with rows that runs at once")
    .action(withContext(scaffold));
  return evalCommand;
}

async function runEval(
  context: Context,
  name: string | undefined,
  options: EvalOptions,
): Promise<ExitCode | undefined> {
  if (options.watch !== true) return runOnce(context, name, options);
  const { project, out, effects } = context;
  if (out.json)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--watch --json",
      what: "--watch prints many results, and --json is one document",
      fix: "leave one of them out",
    });
  for await (const _ of changes(project, effects)) {
    try {
      await runOnce(context, name, options);
    } catch (thrown) {
      // What is wrong now may be right with the next change.
      for (const line of renderError(asWorkbenchError(thrown)).split("\n")) out.note(line);
    }
    out.note("waiting for a change; Ctrl-C ends");
  }
  return 0;
}

async function runOnce(
  { project, out, effects }: Context,
  name: string | undefined,
  options: EvalOptions,
): Promise<ExitCode> {
  if (name === undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: "which suite?",
      fix: "workbench eval <suite>; `workbench eval list` shows those that are there",
    });
  const { suite, fileSha256 } = await loadSuite(project, name, effects);
  const config = await loadConfig(project, effects);
  const sources =
    options.rescore === undefined
      ? armsWith(suite.arms, options.arm)
      : await storedOutputs(project, options.rescore, effects);
  const { concurrency, stream } = options;
  const resolved = await resolveArms(
    { project, config, sources, judges: judgesIn(suite.scorers), concurrency, stream },
    effects,
  );
  const { arms, judges, close } = resolved;
  let progress: Progress | null = null;
  try {
    const request: EvalRequest = {
      project,
      suite,
      fileSha256,
      arms,
      judges,
      select: {
        ...(options.limit === undefined ? {} : { limit: options.limit }),
        ...(options.only === undefined ? {} : { only: options.only }),
      },
      fresh: options.fresh ?? false,
      useStored: options.stored,
      experiment: options.experiment ?? null,
      ...(options.budgetUsd === undefined ? {} : { budget: { usd: options.budgetUsd } }),
    };
    if (options.estimate === true) {
      const estimated = await estimate(request, effects);
      printEstimate(estimated, out);
      out.result(estimated);
      return 0;
    }
    const done: Evaluation = await evaluate(
      {
        ...request,
        warn: (text) => out.note(text),
        tell: ({ done: scored, failed, planned }) => {
          progress ??= out.progress(suite.name, planned);
          progress.update(scored + failed, failed > 0 ? `${failed} failed` : "");
        },
      },
      effects,
    );
    endProgress(progress);
    if (options.junit !== undefined) await writeJunit(done, resolve(options.junit), effects);
    printEvaluation(done, out);
    out.result(done);
    return 0;
  } finally {
    endProgress(progress);
    await close();
  }
}

/** The bar's line is cleared before anything else is printed; twice does no harm. */
function endProgress(progress: Progress | null): void {
  progress?.end();
}

/** The suite's arms with those given on the command line; a candidate given there replaces all of the suite's. */
function armsWith(
  own: Readonly<Record<string, ArmSource>>,
  given: EvalOptions["arm"],
): Readonly<Record<string, ArmSource>> {
  const names = given.map(([arm]) => arm);
  const bare = given.find(([, model]) => model === "")?.[0];
  if (bare !== undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `--arm ${bare}`,
      what: "which model shall answer?",
      fix: `write name=model: --arm candidate=${bare}`,
    });
  const twice = names.find((arm, i) => names.indexOf(arm) !== i);
  if (twice !== undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `--arm ${twice}=…`,
      what: `the arm ${quoted(twice)} is given twice`,
      fix: "give each candidate a name of its own: --arm first=model-a --arm second=model-b",
    });
  const { baseline, ...candidates } = own;
  const others = given.filter(([arm]) => arm !== "baseline");
  const first = given.find(([arm]) => arm === "baseline")?.[1] ?? baseline;
  return {
    ...(first === undefined ? {} : { baseline: first }),
    ...(others.length > 0 ? Object.fromEntries(others) : candidates),
  };
}

async function list({ project, out, effects }: Context): Promise<ExitCode> {
  const suites = await listSuites(project, effects);
  const runs = await listRuns(project, effects);
  for (const { name, file } of suites) out.line(`${out.paint.bold(name)}  ${out.paint.dim(file)}`);
  if (suites.length === 0) out.note("no suite here yet: workbench eval new <name>");
  for (const run of runs)
    out.line(`${run.id}  ${run.suite}  ${run.done}/${run.planned}  ${run.arms.join(", ")}  ${run.at}`);
  out.result({ suites, runs });
  return 0;
}

async function show({ project, out, effects }: Context, run: string, sample?: string): Promise<ExitCode> {
  const shown = await showSample(project, { run, sample: sample ?? null }, effects);
  if (shown.kind === "run") printEvaluation(shown.evaluation, out);
  else for (const line of shown.lines) out.line(line);
  out.result(shown);
  return 0;
}

async function why({ project, out, effects }: Context, run: string, sample: string): Promise<ExitCode> {
  const explained = await explain(project, { run, sample }, effects);
  for (const { sentence } of explained) out.line(sentence);
  out.result(explained);
  return 0;
}

async function importArm(
  { project, out, effects }: Context,
  file: string,
  { arm, select }: { readonly arm: string | undefined; readonly select: string | undefined },
): Promise<ExitCode> {
  if (arm === undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: "what shall the arm be called?",
      fix: "workbench eval import <file> --arm candidate",
    });
  const request = { project, file: resolve(file), arm, select: select ?? null };
  const done = await importResults(request, effects);
  out.line(`wrote ${done.path}: ${done.rows} answers of ${done.tool}, ${done.failed} of them failed`);
  for (const note of done.notes) out.line(note);
  if (done.scores.length > 0) out.line(`scores: ${done.scores.join(", ")}`);
  const source = `imported(${JSON.stringify(done.path)})`;
  const own = arm === "baseline" || arm === "candidate";
  out.line(`in a suite: arms: { ${own ? `${arm}: ${source}` : `candidate: { ${quoted(arm)}: ${source} }`} }`);
  out.result(done);
  return 0;
}

async function judge(
  { project, out, effects }: Context,
  name: string,
  { budgetUsd }: EvalOptions,
): Promise<ExitCode> {
  const scorer = await loadJudge(project, name, effects);
  const config = await loadConfig(project, effects);
  const { judges, close } = await resolveArms(
    { project, config, sources: {}, judges: judgesIn([scorer]) },
    effects,
  );
  try {
    const budget = budgetUsd === undefined ? {} : { usd: budgetUsd };
    const warn = (text: string): void => out.note(text);
    const done = await calibrate({ project, name, scorer, judges, budget, warn }, effects);
    printJudge(done, out);
    out.result(done);
    return 0;
  } finally {
    await close();
  }
}

async function review(
  { project, out, effects }: Context,
  run: string,
  { limit }: EvalOptions,
): Promise<ExitCode> {
  const done = await writeQueue({ project, run, ...(limit === undefined ? {} : { count: limit }) }, effects);
  out.line(`wrote ${done.path}: ${done.items} answers, without their arms`);
  out.line('ratings are lines of another file: {"item":"…","rater":"ana","value":0.5}');
  out.result(done);
  return 0;
}

async function scaffold(
  { project, out, effects }: Context,
  name: string,
  { kind }: { readonly kind: SuiteKind },
): Promise<ExitCode> {
  const models = Object.keys((await loadConfig(project, effects)).models).slice(0, 2);
  const files = await newSuite(project, { name, kind, models }, effects);
  for (const file of files) out.line(`wrote ${file}`);
  out.line(`next: workbench eval ${name}`);
  out.result({ files });
  return 0;
}

function collectArm(
  text: string,
  before: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const at = text.includes("=") ? text.indexOf("=") : text.length;
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("write name=model");
  const name = text.slice(0, at);
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name))
    throw new InvalidArgumentError("an arm's name is a-z, 0-9, dot, - and _");
  return [...before, [name, text.slice(at + 1)]];
}

function dollars(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("US dollars above 0");
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1");
  return value;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench eval support-routing"],
  ["workbench eval support-routing --arm baseline=tiny-base --arm candidate=tiny-sft"],
  ["workbench eval support-routing --limit 50 --only queue=billing"],
  ["workbench eval support-routing --estimate", "calls, tokens and cost before anything is asked"],
  ["workbench eval support-routing --budget-usd 5"],
  ["workbench eval support-routing --watch"],
  ["workbench eval gsm8k --rescore 4ddbabf545ed"],
  ["workbench eval list"],
  ["workbench eval show 4ddbabf545ed 3f9a12"],
  ["workbench eval why 4ddbabf545ed 3f9a12"],
  ["workbench eval import results.json --arm candidate"],
  ["workbench eval judge helpful --budget-usd 2", "how far may this judge be believed?"],
  ["workbench eval review 4ddbabf545ed --limit 50", "for people to rate, blind"],
  ["workbench eval new refund-tone"],
  ["workbench eval new agent-tools --kind tools"],
];

export const NOTES = `
The same command again goes on where an interrupted one stopped, and does nothing if all is done.`;
