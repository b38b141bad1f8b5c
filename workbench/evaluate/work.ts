import { join } from "node:path";
import type { Effects } from "../store/effects.ts";
import { openJournal, type Journal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import { makeRetryBudget } from "./ask.ts";
import { makeBudget, type Budget } from "./budget.ts";
import type { BudgetLimits } from "./suite.ts";
import type { Judges } from "./judges/seat.ts";
import { runLanes } from "./lanes.ts";
import { makePerformer, type Performer, type Progress } from "./perform.ts";
import type { Plan } from "./plan.ts";
import { openResponses } from "./responses.ts";

/** What answering takes besides the plan. */
export interface WorkRequest {
  readonly project: Project;
  readonly folder: string;
  readonly plan: Plan;
  readonly limits: BudgetLimits;
  readonly judges: Judges;
  readonly useStored: boolean;
  readonly warn: (text: string) => void;
  readonly tell: (progress: Progress) => void;
}

/** What became of the work. It holds neither the journal nor the store: the rows are next, and need room. */
export interface Worked {
  /** Rows that an earlier process had done. */
  readonly resumed: number;
  readonly spentUsd: number;
  /** Answers that came out of the store. */
  readonly stored: number;
  /** Why it ended before all was done; null where it did not. */
  readonly reason: string | null;
}

/** Goes on from what the journal says, to the end or until the budget is. */
export async function work(request: WorkRequest, effects: Effects): Promise<Worked> {
  const opened = await openWork(request, effects);
  await answerAll(opened, effects);
  const { spentUsd, stored } = opened.performer.progress();
  return { resumed: opened.resumed, spentUsd, stored, reason: opened.budget.stopped() };
}

/** A run whose journal is open. */
interface Work {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly performer: Performer;
  readonly budget: Budget;
  /** Rows that an earlier process had done. */
  readonly resumed: number;
}

const NO_RESPONSES = { get: async () => null, put: async () => undefined, count: 0 };

/** Opens a run's journal and takes from it what an earlier process did and spent. */
async function openWork(request: WorkRequest, effects: Effects): Promise<Work> {
  const { project, folder, plan, limits, judges, useStored, warn, tell } = request;
  const isLive = judges.size > 0 || plan.arms.some(({ kind }) => kind === "live");
  const responses = isLive
    ? await openResponses(project, plan.inputsSha256.slice(0, 12), effects)
    : NO_RESPONSES;
  let opened: Journal | null = null;
  const journal = (): Journal => {
    if (!opened) throw new Error("the journal is opened before work begins");
    return opened;
  };
  const budget = makeBudget({ limits, write: (event) => journal().append(event), warn, effects });
  const desk = { responses, retries: makeRetryBudget(), useStored, budget, effects };
  const performer = makePerformer({ plan, journal, desk, judges, tell });
  opened = await openJournal(join(folder, "events.jsonl"), effects, performer.recall);
  const { done, failed } = performer.progress();
  const resumed = done + failed;
  const { tornBytes } = opened.content;
  if (resumed > 0 || tornBytes > 0) {
    const key = `run.resumed:${resumed}:${tornBytes}`;
    await opened.append({ kind: "run.resumed", key, data: { resumed, tornBytes } });
  }
  return { plan, journal: opened, performer, budget, resumed };
}

/** Does every job that is not done. When it returns, the journal is on the disk. */
async function answerAll({ plan, journal, performer, budget }: Work, effects: Effects): Promise<void> {
  const disk = makeDisk(journal, effects);
  let limits = 0;
  try {
    await runLanes(
      plan,
      {
        isDone: journal.has,
        isStopped: () => disk.hasFailed() || budget.stopped() !== null,
        perform: async (job, place) => {
          await performer.perform(job, place);
          disk.follow();
        },
        limitChanged: (group, limit, why) => {
          const key = `limit.changed:${effects.now().toISOString()}:${limits++}`;
          void journal
            .append({ kind: "limit.changed", key, data: { group, limit, why } })
            .catch(() => undefined);
        },
      },
      effects,
    );
    await performer.finish();
    const reason = budget.stopped();
    const key = `budget.stopped:${effects.now().toISOString()}`;
    if (reason !== null) await journal.append({ kind: "budget.stopped", key, data: { reason } });
  } finally {
    await journal.sync().catch(() => undefined);
  }
  await journal.sync();
}

const SYNC_MS = 50;

/** A worker waits for the write; the disk follows within 50 ms, so a power cut costs at most that. */
function makeDisk(
  journal: Journal,
  effects: Effects,
): { readonly follow: () => void; readonly hasFailed: () => boolean } {
  let [syncedAt, syncing, failed] = [effects.monotonicMs(), false, false];
  return {
    follow: () => {
      if (syncing || effects.monotonicMs() - syncedAt < SYNC_MS) return;
      syncing = true;
      void journal
        .sync()
        .catch(() => {
          failed = true; // the last sync throws it again
        })
        .finally(() => {
          [syncing, syncedAt] = [false, effects.monotonicMs()];
        });
    },
    hasFailed: () => failed,
  };
}
