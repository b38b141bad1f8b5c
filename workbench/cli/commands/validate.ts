import { Command } from "commander";
import type { ExitCode } from "../../errors/codes.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { loadSuite } from "../../evaluate/load.ts";
import type { ArmSource, Suite } from "../../evaluate/suite.ts";
import { loadTargets } from "../../flow/validate/targets.ts";
import { validate } from "../../flow/validate/validate.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext, type Context } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Progress } from "../output.ts";
import { EXIT_OF_VERDICT } from "../print-decision.ts";
import { printValidation } from "../print-validation.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly local?: string;
  readonly fallback?: string;
  readonly tasks: number;
  readonly targets?: string;
  readonly concurrency?: number;
  readonly fresh?: boolean;
  readonly experiment?: string;
}

export function command(): Command {
  return new Command("validate")
    .argument("<suite>", "a suite's name, or the path of its file")
    .option("--local <model>", "the model that is asked first (default: the suite's one candidate)")
    .option("--fallback <model>", "the model that answers where the first does not (default: none)")
    .option("--tasks <n>", "how many tasks; the suite's items are repeated", wholeNumber, 10_000)
    .option(
      "--targets <name>",
      "of evals/targets, or a file (default: those named like the suite, else preset-a)",
    )
    .option("--concurrency <n>", "calls in flight (default: found out; 1 for local models)", wholeNumber)
    .option("--fresh", "a new run, although a finished one of the same inputs is there")
    .option("--experiment <name>", "the question that joins this run with others")
    .action(withContext(runValidate));
}

async function runValidate(
  { project, out, effects }: Context,
  name: string,
  options: Options,
): Promise<ExitCode> {
  const suite = await loadSuite(project, name, effects);
  const config = await loadConfig(project, effects);
  const { tasks, concurrency, fresh, experiment } = options;
  const local = options.local ?? onlyModel(suite.suite);
  const named = { name: options.targets, suite: suite.suite.name };
  const targets = await loadTargets(project, named, effects);
  let progress: Progress | null = null;
  const done = await validate(
    {
      project,
      config,
      suite,
      local,
      fallback: options.fallback ?? null,
      targets,
      tasks,
      concurrency,
      fresh: fresh ?? false,
      experiment: experiment ?? null,
      warn: (text) => out.note(text),
      tell: ({ done: answered, failed, planned }) => {
        progress ??= out.progress(suite.suite.name, planned);
        progress.update(answered + failed, failed > 0 ? `${failed} failed` : "");
      },
    },
    effects,
  ).finally(() => progress?.end());
  printValidation(done, out);
  out.result(done.validation);
  return EXIT_OF_VERDICT[done.validation.verdict];
}

/** The suite's candidate, where it is one model of the configuration. */
function onlyModel({ name, arms }: Suite): string {
  const candidates = Object.entries(arms).filter(([arm]) => arm !== "baseline");
  const models = candidates.map(([, source]) => source).filter(isModel);
  const [only] = models;
  if (only !== undefined && models.length === 1) return only;
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: `suite ${quoted(name)}`,
    what: models.length > 1 ? "which of its candidates?" : "it names no model to ask",
    fix: `workbench validate ${name} --local <model>${models.length > 1 ? `, for instance ${models.join(" or ")}` : ""}`,
  });
}

const isModel = (source: ArmSource): source is string => typeof source === "string";

export const EXAMPLES: readonly Example[] = [
  ["workbench validate support-routing --local tiny-sft"],
  ["workbench validate support-routing --local tiny-sft --fallback tiny-base --tasks 400"],
  ["workbench validate qe --local qwen --fallback hosted --targets preset-a --json"],
];

export const NOTES = `
The local model is asked first; on an error, at its deadline or where its answer is not acceptable, the fallback is.
Exit codes: 0 every target is met, 3 one is missed, 4 neither is shown. The same command again goes on where an
interrupted one stopped. docs/validate.md says how each figure is read.`;
