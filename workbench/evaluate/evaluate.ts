import { join } from "node:path";
import type { EvalResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import { takeAllotment } from "./allotment.ts";
import { openArm, type Arm, type LiveArm, type OpenArm } from "./arm.ts";
import { checkBudget } from "./budget.ts";
import { conclude } from "./conclude.ts";
import { freezeItems, type Selection } from "./items.ts";
import { checkRivals } from "./judges/rivals.ts";
import { withJudges, type Judges } from "./judges/seat.ts";
import type { StartSkew } from "./pairing.ts";
import type { Progress } from "./perform.ts";
import { makePlan, type Plan } from "./plan.ts";
import { finishedResult, runId, writeManifest } from "./run-folder.ts";
import type { BudgetLimits, Suite } from "./suite.ts";
import { work } from "./work.ts";

/** What to measure, with whom. Arms are resolved by the caller: the runner knows no configuration. */
export interface EvalRequest {
  readonly project: Project;
  readonly suite: Suite;
  /** Digest of the suite's file, so that what its functions close over counts too. */
  readonly fileSha256?: string | null;
  /** The baseline first, if there is one. */
  readonly arms: readonly Arm[];
  /** The models that the suite's judges ask, by their names. */
  readonly judges?: ReadonlyMap<string, LiveArm>;
  readonly select?: Selection;
  /** A new run although a finished one is there. Stored answers are used all the same. */
  readonly fresh?: boolean;
  /** False asks again although an answer is stored. */
  readonly useStored?: boolean;
  readonly experiment?: string | null;
  /** Goes before the suite's own limits. */
  readonly budget?: BudgetLimits;
  readonly warn?: (text: string) => void;
  readonly tell?: (progress: Progress) => void;
}

export interface Evaluation {
  readonly id: string;
  readonly folder: string;
  readonly result: EvalResult;
  /** True where a finished run of the same inputs was there: nothing was done. */
  readonly unchanged: boolean;
  /** Rows that an earlier, interrupted process had done. */
  readonly resumed: number;
  /** US dollars of calls this time. */
  readonly spentUsd: number;
  /** Answers that came out of the store. */
  readonly stored: number;
  /** How far apart the arms' calls of a pair began; null where none of this run can tell. */
  readonly startSkew: StartSkew | null;
  readonly duplicates: number;
  readonly quarantined: readonly { readonly place: string; readonly reason: string }[];
}

/**
 * Measures every arm on the same frozen items. The journal is the only commit point: what is in it is
 * done, and the same request again goes on from there.
 * @throws WorkbenchError; what was done until then is kept.
 */
export async function evaluate(request: EvalRequest, effects: Effects = realEffects): Promise<Evaluation> {
  const { project } = request;
  const judges: Judges = request.judges ?? new Map<string, LiveArm>();
  const suite = withJudges(request.suite, judges);
  const spenders = { arms: request.arms, judges: [...judges.values()] };
  const limits = { ...suite.budget, ...request.budget };
  checkRivals(suite, request.arms);
  checkBudget(limits, spenders, suite);
  const plan = await planOf(request, suite, limits, effects);

  const id = await runId(project, plan.inputsSha256, request.fresh ?? false, effects);
  const folder = join(project.runs, id);
  const { duplicates, quarantined } = plan.items;
  const told = { id, folder, duplicates, quarantined };
  const finished = await finishedResult(folder, effects);
  if (finished) return { ...told, ...NOTHING_DONE, result: finished };

  const workWithin = async (allotted: BudgetLimits): Promise<Evaluation> => {
    checkBudget(allotted, spenders, suite);
    await writeManifest({ project, id, plan, experiment: request.experiment ?? null }, effects);
    const { useStored = true, warn = () => undefined, tell = () => undefined } = request;
    const at = { project, folder, plan, judges };
    const { reason, ...worked } = await work({ ...at, limits: allotted, useStored, warn, tell }, effects);
    const ended = await conclude({ ...at, id, reason }, effects);
    return { ...told, ...ended, ...worked, unchanged: false };
  };
  const workAllotted = async (): Promise<Evaluation> => {
    const allotment = await takeAllotment({ project, folder, limits, warn: request.warn }, effects);
    try {
      return await workWithin(allotment.limits);
    } finally {
      await allotment.close();
    }
  };
  const lock = join(project.private, "locks", `eval-${id}.lock`);
  return withLock(lock, `eval ${suite.name}`, workAllotted, effects);
}

/** What is told of a run that an earlier process finished. */
const NOTHING_DONE = { unchanged: true, resumed: 0, spentUsd: 0, stored: 0, startSkew: null } as const;

/** Freezes the items and opens the arms: all that the run's id is made of. */
async function planOf(
  { project, arms: given, select, fileSha256 }: EvalRequest,
  suite: Suite,
  budget: BudgetLimits,
  effects: Effects,
): Promise<Plan> {
  const at = { project, effects };
  const items = await freezeItems(suite, select ?? {}, at);
  const arms: OpenArm[] = [];
  for (const arm of given) arms.push(await openArm(arm, suite.task?.plan ?? null, at));
  return makePlan(suite, items, arms, { fileSha256: fileSha256 ?? null, budget });
}
