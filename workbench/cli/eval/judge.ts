import type { ExitCode } from "../../errors/codes.ts";
import { writeQueue } from "../../evaluate/human/queue.ts";
import { calibrate } from "../../evaluate/judges/calibrate.ts";
import { loadJudge } from "../../evaluate/judges/load-judge.ts";
import { judgesIn } from "../../evaluate/judges/seat.ts";
import { resolveArms } from "../../flow/arms.ts";
import { loadConfig } from "../../store/config.ts";
import type { Context } from "../context.ts";
import { printJudge } from "../print-judge.ts";
import type { EvalOptions } from "./options.ts";

/** Holds a judge against labelled answers and attacks. */
export async function judge(
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

/** Writes a run's answers for people to rate, blind. */
export async function review(
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
