import { Command, Option } from "commander";
import type { ExitCode } from "../../errors/codes.ts";
import { newSuite, SUITE_KINDS, type SuiteKind } from "../../evaluate/scaffold.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext, type Context } from "../context.ts";
import { collectArm, dollars, type EvalOptions } from "../eval/options.ts";
import { runEval } from "../eval/run.ts";
import type { Example } from "../examples.ts";
import { wholeNumber } from "../whole-number.ts";

// What the others need, statistics above all, is loaded when they are asked for: a run begins sooner.
const look = () => import("../eval/look.ts");
const judges = () => import("../eval/judge.ts");

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
    .option("--sample <n>", "the same as --limit", wholeNumber)
    .option("--fresh", "a new run, although a finished one of the same inputs is there")
    .option("--no-stored", "ask again, although answers are stored")
    .option(
      "--rescore <run>",
      "score the answers of a finished run (an id, or latest) again; no model is called",
    )
    .option("--concurrency <n>", "calls in flight (default: found out; 1 for local models)", wholeNumber)
    .option("--stream", "measure the time to the first token")
    .option(
      "--budget-usd <usd>",
      "stop before calls cost more than this; what is done is a valid, partial result",
      dollars,
    )
    .option(
      "--judge-budget-usd <usd>",
      "stop asking judges before they cost more than this; the run goes on",
      dollars,
    )
    .option("--estimate", "say what it would take in calls, tokens and dollars; nothing is asked")
    .option("--watch", "run again whenever a suite, its data or the configuration changes; Ctrl-C ends it")
    .option("--junit <file>", "also write the rows as JUnit XML, for CI")
    .option("--experiment <name>", "the question that joins this run with others")
    .action(withContext(runEval));
  evalCommand
    .command("list")
    .description("the suites of this project and their finished runs")
    .action(withContext(async (context) => (await look()).list(context)));
  evalCommand
    .command("show")
    .argument("<run>", "an eval run's id, the first digits of it, or latest")
    .argument("[sample]", "a sample's id, or its first characters")
    .description("a run's figures, or every arm's answer to one sample")
    .action(
      withContext(async (context, run: string, sample?: string) => (await look()).show(context, run, sample)),
    );
  evalCommand
    .command("why")
    .argument("<run>", "an eval run's id, the first digits of it, or latest")
    .argument("<sample>", "a sample's id, or its first characters")
    .description(
      "whether a sample's answers came from the store, and what differs from the nearest stored ones",
    )
    .action(
      withContext(async (context, run: string, sample: string) => (await look()).why(context, run, sample)),
    );
  evalCommand
    .command("import")
    .argument("<file>", "promptfoo .json, lm-evaluation-harness samples_*.jsonl, Inspect .json or .eval")
    .option("--arm <name>", "what the arm is called")
    .option("--select <name>", "the provider or filter, where the file holds several")
    .description("make a recorded arm of another tool's results")
    .action(
      withContext(async (context: Context, file: string, { select }: { readonly select?: string }) => {
        const { importArm } = await import("../eval/import-arm.ts");
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
      withContext(async (context: Context, name: string) =>
        (await judges()).judge(context, name, evalCommand.opts<EvalOptions>()),
      ),
    );
  evalCommand
    .command("review")
    .argument("<run>", "a finished run's id, or latest")
    .description("write its answers for people to rate: no arm, no score, shuffled; --limit takes a part")
    .action(
      // The option --limit above this command has been read there.
      withContext(async (context: Context, run: string) =>
        (await judges()).review(context, run, evalCommand.opts<EvalOptions>()),
      ),
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

export const EXAMPLES: readonly Example[] = [
  ["workbench eval support-routing"],
  ["workbench eval support-routing --arm baseline=tiny-base --arm candidate=tiny-sft"],
  ["workbench eval support-routing --limit 50 --only queue=billing"],
  ["workbench eval support-routing --estimate", "calls, tokens and cost before anything is asked"],
  ["workbench eval support-routing --budget-usd 5"],
  ["workbench eval support-tone --judge-budget-usd 1", "what is left has no score; a larger limit goes on"],
  ["workbench eval support-routing --watch"],
  ["workbench eval gsm8k --rescore 4ddbabf545ed"],
  ["workbench eval list"],
  ["workbench eval show latest"],
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
