import type { ChatRequest } from "../endpoint/client.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { JournalLine } from "../schema/run.ts";
import type { Arm, LiveArm } from "./arm.ts";
import { makePurse, type PurseContext, type Reservation } from "./purse.ts";
import type { BudgetLimits, Suite } from "./suite.ts";
import { isPriced, unbounded, unpriced, worstCaseUsd } from "./worst-case.ts";

/** What a run may spend: all its calls together, and those of its judges apart. */
export interface Budget {
  /** Takes back what an earlier process of this run wrote. */
  readonly recall: (line: JournalLine) => void;
  /** Waits while calls in flight may free enough. @throws BudgetStopped when the limit is reached. */
  readonly reserve: Reserve;
  /** The same for a model that scores. @throws JudgesStopped as well, when the judges' own limit is reached. */
  readonly reserveForJudge: Reserve;
  /** Why nothing more may begin; null while it may. */
  readonly stopped: () => string | null;
}

type Reserve = (arm: LiveArm, request: ChatRequest) => Promise<Reservation>;

/** Thrown through a task when the limit is reached: the sample is not run, which is no failure. */
export class BudgetStopped extends Error {
  override readonly name = "BudgetStopped";
}

/** Thrown through a scorer when its judge may not be asked any more: that score is missing, the run goes on. */
export class JudgesStopped extends Error {
  override readonly name = "JudgesStopped";
}

export interface BudgetContext extends PurseContext {
  readonly limits: BudgetLimits;
}

const HOUR_MS = 3_600_000;

/** The limits of a run; a limit that is not given holds nobody up. */
export function makeBudget({ limits, ...context }: BudgetContext): Budget {
  const { effects } = context;
  const begunMs = effects.monotonicMs();
  const all = makePurse(
    {
      mostUsd: limits.usd ?? Infinity,
      events: "budget",
      title: "the budget",
      stop: (reason) => new BudgetStopped(reason),
    },
    context,
  );
  const judges = makePurse(
    {
      mostUsd: limits.judgeUsd ?? Infinity,
      events: "judges",
      title: "the judges' budget",
      stop: (reason) => new JudgesStopped(reason),
    },
    context,
  );
  let outOfTime: string | null = null;
  const reserve: Reserve = async (arm, request) => {
    if (limits.usd === undefined) return UNLIMITED;
    if (outOfTime !== null) throw new BudgetStopped(outOfTime);
    return all.reserve(worstCaseUsd(arm, request), arm.name);
  };
  return {
    recall: (line) => {
      all.recall(line);
      judges.recall(line);
    },
    reserve,
    reserveForJudge: async (arm, request) => {
      if (limits.judgeUsd === undefined) return reserve(arm, request);
      const own = await judges.reserve(worstCaseUsd(arm, request), arm.name);
      try {
        return both(own, await reserve(arm, request));
      } catch (thrown) {
        await own.settle(0); // nothing was sent
        throw thrown;
      }
    },
    stopped: () => {
      if (limits.hours !== undefined && effects.monotonicMs() - begunMs >= limits.hours * HOUR_MS)
        outOfTime ??= `the time limit of ${limits.hours} h`;
      return all.reason() ?? outOfTime;
    },
  };
}

const UNLIMITED: Reservation = { settle: async () => undefined, fail: async () => undefined };

const both = (one: Reservation, other: Reservation): Reservation => ({
  settle: async (costUsd) => {
    await Promise.all([one.settle(costUsd), other.settle(costUsd)]);
  },
  fail: async (thrown) => {
    await Promise.all([one.fail(thrown), other.fail(thrown)]);
  },
});

export interface Spenders {
  readonly arms: readonly Arm[];
  /** The models that score. */
  readonly judges: readonly LiveArm[];
}

/** Refuses, before anything is asked, a dollar limit that could not be kept. @throws WB_USAGE, WB_PRICE_UNKNOWN, WB_SUITE_INVALID. */
export function checkBudget(limits: BudgetLimits, { arms, judges }: Spenders, { task }: Suite): void {
  for (const [unit, value] of Object.entries(limits) as [string, number | undefined][])
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new WorkbenchError({
        code: "WB_USAGE",
        where: `budget.${unit}`,
        what: `a limit must be a number above 0, got ${value}`,
        fix: "budget: { usd: 5, judgeUsd: 1, hours: 2 }, or --budget-usd 5 --judge-budget-usd 1",
      });
  const asked = arms.filter((arm) => arm.kind === "live");
  const limited = [
    ...(limits.usd === undefined ? [] : asked),
    ...(limits.usd === undefined && limits.judgeUsd === undefined ? [] : judges),
  ];
  for (const arm of limited) if (!isPriced(arm)) throw unpriced(arm);
  if (limits.usd === undefined) return;
  const plan = task?.plan as { readonly chat?: number; readonly maxTokens?: number } | undefined;
  for (const arm of asked) if (plan?.chat === 1 && plan.maxTokens === undefined) throw unbounded(arm);
}
