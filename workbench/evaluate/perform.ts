import { endpointDown, EndpointError } from "../endpoint/error.ts";
import { printable } from "../errors/printable.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { JournalLine } from "../schema/run.ts";
import type { Journal, JournalEvent } from "../store/journal.ts";
import { answerLive, NO_TRACE, type Measured } from "./answer.ts";
import type { Desk } from "./ask.ts";
import { BudgetStopped } from "./budget.ts";
import { makeRivals, type Ready } from "./judges/rivals.ts";
import { makeSeat, type Judges } from "./judges/seat.ts";
import type { Place } from "./lanes.ts";
import type { Job, Plan } from "./plan.ts";
import { scoreAnswer } from "./score.ts";

/** What a run has done so far; told after every job. */
export interface Progress {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  /** US dollars of calls of this process; what came from the store costs nothing again. */
  readonly spentUsd: number;
  readonly stored: number;
}

/** An arm that never answered while this many samples met silence is an endpoint that is away. */
const HOPELESS = 8;

/** Turns jobs into terminal rows of the journal. */
export interface Performer {
  readonly perform: (job: Job, place: Place) => Promise<void>;
  /** Tells of a line that an earlier process wrote. */
  readonly recall: (line: JournalLine) => void;
  /** Writes what is still held back. @throws exit 5 for an arm without a single answer. */
  readonly finish: () => Promise<void>;
  readonly progress: () => Progress;
}

export interface PerformOptions {
  readonly plan: Plan;
  readonly journal: () => Journal;
  readonly desk: Desk;
  /** The models that score. */
  readonly judges: Judges;
  readonly tell: (progress: Progress) => void;
}

export function makePerformer({ plan, journal, desk, judges, tell }: PerformOptions): Performer {
  const answered = new Set<string>();
  const sit = makeSeat(judges, desk);
  const rivals = makeRivals(plan);
  /** Failures of arms that have not answered yet: an outage is not a result. */
  const held = new Map<string, { failures: Failure[]; silent: number; last: EndpointError }>();
  let [done, failed, spentUsd, stored] = [0, 0, 0, 0];

  const write = async (event: JournalEvent): Promise<void> => {
    await journal().append(event);
    if (event.kind === "sample.scored") done++;
    else failed++;
    tell({ planned: plan.planned, done, failed, spentUsd, stored });
  };
  const writeFailure = async ({ job, event }: Failure): Promise<void> => {
    await write(event);
    await succeedAll(rivals.failed(job));
  };
  /** An arm has answered: what it failed at before are rows like any other. */
  const release = async (arm: string): Promise<void> => {
    const pending = held.get(arm)?.failures ?? [];
    answered.add(arm);
    held.delete(arm);
    for (const failure of pending) await writeFailure(failure);
  };
  const succeedAll = async (ready: readonly Ready[]): Promise<void> => {
    for (const outcome of await Promise.allSettled(ready.map(succeed)))
      // The answer is stored; what was not judged for want of money is not run, and has no row.
      if (outcome.status === "rejected" && !(outcome.reason instanceof BudgetStopped)) throw outcome.reason;
  };
  const succeed = async ({ job, answer, baseline }: Ready): Promise<void> => {
    const sitting = sit(job.epoch);
    const scores = await scoreAnswer(plan.suite, { sample: job.sample, answer, baseline }, sitting);
    spentUsd += sitting.spentUsd();
    if (answer.trace.stored < answer.trace.requests.length) spentUsd += answer.costUsd ?? 0;
    stored += answer.trace.stored;
    const judgeCostUsd = sitting.costUsd();
    const data = { ...placeOf(job), ...answer, ...(judgeCostUsd === null ? {} : { judgeCostUsd }), scores };
    await write({ kind: "sample.scored", key: job.key, data });
  };
  const fail = async (job: Job, thrown: unknown): Promise<void> => {
    if (thrown instanceof WorkbenchError) throw thrown;
    if (thrown instanceof BudgetStopped) return; // not run: it has no row
    const event = { kind: "sample.failed", key: job.key, data: { ...placeOf(job), ...failureOf(thrown) } };
    if (!(thrown instanceof EndpointError) || answered.has(job.arm.name)) return writeFailure({ job, event });
    const waiting = held.get(job.arm.name) ?? { failures: [], silent: 0, last: thrown };
    waiting.failures.push({ job, event });
    waiting.last = thrown;
    held.set(job.arm.name, waiting);
    // What says no to one question may answer the next: only silence ends the run before all are asked.
    if (thrown.retryable && ++waiting.silent >= HOPELESS) throw endpointDown(thrown);
  };
  return {
    perform: async (job, place) => {
      let answer: Measured;
      try {
        answer = await answerOf(job, plan, { desk, place });
      } catch (thrown) {
        return fail(job, thrown);
      }
      await release(job.arm.name);
      return succeedAll(rivals.answered(job, answer));
    },
    recall: (line) => {
      const { kind, data } = line;
      desk.budget.recall(line);
      if (kind === "sample.scored") {
        done++;
        answered.add((data as { arm: string }).arm);
      } else if (kind === "sample.failed") failed++;
      if (kind === "sample.scored" || kind === "sample.failed") rivals.recall(line);
    },
    finish: async () => {
      // A stopped run is not an outage: what failed before the limit are rows like any other.
      if (desk.budget.stopped() !== null)
        for (const { failures } of held.values()) for (const failure of failures) await writeFailure(failure);
      else for (const { last } of held.values()) throw endpointDown(last);
      return Promise.resolve();
    },
    progress: () => ({ planned: plan.planned, done, failed, spentUsd, stored }),
  };
}

interface Failure {
  readonly job: Job;
  readonly event: JournalEvent;
}

const placeOf = ({ arm, sample, epoch }: Job) => ({ arm: arm.name, sampleId: sample.id, epoch });

async function answerOf(
  job: Job,
  { suite }: Plan,
  at: { readonly desk: Desk; readonly place: Place },
): Promise<Measured> {
  const { arm, sample, epoch } = job;
  if (arm.kind === "live") {
    if (!suite.task) throw new Error("the suite has no task"); // suite() refuses this
    return answerLive({ ...job, arm }, suite.task, at);
  }
  const found = await arm.lookup(sample, epoch);
  if (!found) throw new NotRecorded();
  if ("failed" in found) throw new FailedThen(found.failed);
  return { ...found, trace: NO_TRACE };
}

class NotRecorded extends Error {
  override readonly message = "there is no recorded answer for this sample and epoch";
}

class FailedThen extends Error {}

function failureOf(thrown: unknown): { readonly error: { readonly code: string; readonly message: string } } {
  const code =
    thrown instanceof EndpointError
      ? thrown.kind
      : thrown instanceof NotRecorded
        ? "not-recorded"
        : thrown instanceof FailedThen
          ? "recorded-failure"
          : "task-failed";
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return { error: { code, message: printable(text).slice(0, 500) } };
}
