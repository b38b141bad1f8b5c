import { join } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { LiveArm } from "../../evaluate/arm.ts";
import { evaluate, type Evaluation, type EvalRequest } from "../../evaluate/evaluate.ts";
import type { LoadedSuite } from "../../evaluate/load.ts";
import { readRows } from "../../evaluate/read-rows.ts";
import type { Suite } from "../../evaluate/suite.ts";
import type { Task } from "../../evaluate/types.ts";
import type { Config } from "../../schema/config.ts";
import { digestOf } from "../../schema/canonical.ts";
import { SampleRow } from "../../schema/run.ts";
import { Validation } from "../../schema/targets.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { resolveArms } from "../arms.ts";
import { gather, readTargets, verdictOf } from "./read.ts";
import { routedArm } from "./route.ts";
import type { LoadedTargets } from "./targets.ts";

export interface ValidateRequest extends Pick<EvalRequest, "fresh" | "experiment" | "warn" | "tell"> {
  readonly project: Project;
  readonly config: Config;
  readonly suite: LoadedSuite;
  /** Names of workbench.config.yaml. */
  readonly local: string;
  readonly fallback: string | null;
  readonly targets: LoadedTargets;
  /** Tasks to ask at least; the suite's items are repeated as often as it takes. */
  readonly tasks: number;
  readonly concurrency?: number | undefined;
}

export interface Validated {
  readonly evaluation: Evaluation;
  readonly validation: Validation;
  /** Where it was written, relative to the project. */
  readonly file: string;
}

/**
 * Sends many tasks through a local model with a fallback behind it, as a gateway would, and holds local
 * share, quality, latency, cost and uptime against targets. It is an eval run with one arm: durable,
 * resumable, and every figure can be computed again from its rows.
 */
export async function validate(request: ValidateRequest, effects: Effects = realEffects): Promise<Validated> {
  const { project, config, local, fallback, concurrency, targets } = request;
  const sources = fallback === null ? { local } : { local, fallback };
  const { arms, close } = await resolveArms({ project, config, sources, concurrency }, effects);
  try {
    const live = arms.filter((arm) => arm.kind === "live");
    const [first, second = null] = live;
    if (!first) throw new Error("resolveArms gave no arm");
    const evaluation = await evaluate(await runRequest(request, { first, second }, effects), effects);
    const validation = await readRun(evaluation, request, effects);
    const file = join(evaluation.folder, `validation-${targets.sha256.slice(0, 12)}.json`);
    await replaceFile(file, jsonText(validation), effects);
    return { evaluation, validation, file };
  } finally {
    await close();
  }
}

async function runRequest(
  request: ValidateRequest,
  { first, second }: { readonly first: LiveArm; readonly second: LiveArm | null },
  effects: Effects,
): Promise<EvalRequest> {
  const { project, suite: loaded, targets, tasks, fresh, experiment, warn, tell } = request;
  const items = await countItems(loaded.suite, project, effects);
  const epochs = Math.ceil(tasks / items);
  const rules = targets.targets.route;
  return {
    project,
    suite: routedSuite(loaded.suite, epochs),
    fileSha256: loaded.fileSha256,
    arms: [routedArm({ local: first, fallback: second, rules }, effects)],
    select: tasks < items ? { limit: tasks } : {},
    // What was stored says nothing about a server's uptime today.
    useStored: false,
    fresh: fresh ?? false,
    experiment: experiment ?? null,
    ...(warn ? { warn } : {}),
    ...(tell ? { tell } : {}),
  };
}

async function countItems({ name, data }: Suite, project: Project, effects: Effects): Promise<number> {
  let items = 0;
  for await (const row of data.open(project, effects)) if ("item" in row) items++;
  if (items > 0) return items;
  throw new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: data.from,
    what: `the suite ${quoted(name)} has no usable row`,
    fix: "give rows that the suite's row schema accepts",
  });
}

/** The suite with as many repeats as the tasks need, whose rows tell in columns who answered. */
function routedSuite(suite: Suite, epochs: number): Suite {
  const { task } = suite;
  if (task === null)
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: `suite ${quoted(suite.name)}`,
      what: "it has no task, so no model can be asked",
      fix: "add task: chat({ user: … })",
    });
  const routed: Task = async (sample, call) => {
    // Of several calls, one that fell back is enough: the task was not done locally.
    const columns: Record<string, string> = { answeredBy: "local" };
    const answer = await task(sample, async (question) => {
      const reply = await call(question);
      if (reply.route?.by === "fallback") columns["answeredBy"] = "fallback";
      if (typeof reply.route?.why === "string") columns["fallbackWhy"] = reply.route.why;
      return reply;
    });
    const given = typeof answer === "string" ? { text: answer } : answer;
    return { ...given, columns: { ...given.columns, ...columns } };
  };
  const sha256 = digestOf({ validated: 1, suite: suite.sha256 });
  return { ...suite, epochs, sha256, task: Object.assign(routed, { plan: task.plan ?? String(task) }) };
}

async function readRun(
  { id, folder, result }: Evaluation,
  { suite, local, fallback, targets }: ValidateRequest,
  effects: Effects,
): Promise<Validation> {
  const fold = gather(suite.suite.primary);
  for await (const { value } of readRows(join(folder, "samples.jsonl"), effects))
    fold.visit(SampleRow.parse(value));
  const gathered = fold.end();
  const readings = readTargets(gathered, targets.targets);
  const { items } = result as unknown as { readonly items: { readonly count: number } };
  return Validation.parse({
    schema: "workbench/validation@1",
    run: id,
    suite: suite.suite.name,
    local,
    fallback,
    tasks: {
      asked: gathered.local + gathered.fallback + gathered.failed,
      items: items.count,
      local: gathered.local,
      fallback: gathered.fallback,
      failed: gathered.failed,
      notRun: result.notRun,
    },
    fallbackReasons: gathered.reasons,
    targets: {
      name: targets.targets.name,
      sha256: targets.sha256,
      tasksPerMonth: targets.targets.tasksPerMonth,
    },
    readings,
    // A run that was stopped has not asked what it said it would.
    verdict: result.notRun > 0 ? "inconclusive" : verdictOf(readings),
  });
}
