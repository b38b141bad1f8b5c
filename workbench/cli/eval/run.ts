import { resolve } from "node:path";
import type { ExitCode } from "../../errors/codes.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { asWorkbenchError, renderError } from "../../errors/render.ts";
import { changes } from "../../evaluate/changes.ts";
import { estimate } from "../../evaluate/estimate.ts";
import { evaluate, type Evaluation, type EvalRequest } from "../../evaluate/evaluate.ts";
import { judgesIn } from "../../evaluate/judges/seat.ts";
import { writeJunit } from "../../evaluate/junit.ts";
import { loadSuite } from "../../evaluate/load.ts";
import { storedOutputs } from "../../evaluate/rescore.ts";
import { resolveArms } from "../../flow/arms.ts";
import { loadConfig } from "../../store/config.ts";
import type { Context } from "../context.ts";
import { keepSmall } from "../heap.ts";
import type { Progress } from "../output.ts";
import { printEstimate } from "../print-estimate.ts";
import { printEvaluation } from "../print-evaluation.ts";
import { asksOf } from "../../evaluate/text-logprobs.ts";
import { armsWith } from "./arms.ts";
import type { EvalOptions } from "./options.ts";

/** Answers a suite once, or with --watch again after every change. */
export async function runEval(
  context: Context,
  name: string | undefined,
  options: EvalOptions,
): Promise<ExitCode | undefined> {
  keepSmall();
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
  const limit = options.limit ?? options.sample;
  const resolved = await resolveArms(
    {
      project,
      config,
      sources,
      judges: judgesIn(suite.scorers),
      asks: asksOf(suite.task),
      concurrency,
      stream,
    },
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
        ...(limit === undefined ? {} : { limit }),
        ...(options.only === undefined ? {} : { only: options.only }),
      },
      fresh: options.fresh ?? false,
      useStored: options.stored,
      experiment: options.experiment ?? null,
      budget: {
        ...(options.budgetUsd === undefined ? {} : { usd: options.budgetUsd }),
        ...(options.judgeBudgetUsd === undefined ? {} : { judgeUsd: options.judgeBudgetUsd }),
      },
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
