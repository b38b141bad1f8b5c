import { join } from "node:path";
import { EvalResult, RunManifest, type SampleRow } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { jsonText, replaceFile, writeOnce } from "../store/atomic.ts";
import { codeFacts, hostFacts } from "../store/host-facts.ts";
import { openJournal, type Journal } from "../store/journal.ts";
import { withLock } from "../store/lock.ts";
import { readAs } from "../store/read-json.ts";
import type { Project } from "../store/paths.ts";
import { openArm, type Arm, type LiveArm } from "./arm.ts";
import { makeRetryBudget } from "./ask.ts";
import { takeAllotment } from "./allotment.ts";
import { checkBudget, makeBudget, type Budget, type BudgetLimits } from "./budget.ts";
import { completeSamples } from "./complete.ts";
import { freezeItems, type Selection } from "./items.ts";
import { judgesInRun, readCards } from "./judges/card.ts";
import { checkRivals } from "./judges/rivals.ts";
import { withJudges, type Judges } from "./judges/seat.ts";
import { runLanes } from "./lanes.ts";
import type { Trace } from "./answer.ts";
import { pairingOf, type StartSkew } from "./pairing.ts";
import { makePerformer, type Performer, type Progress } from "./perform.ts";
import { makePlan, type Plan } from "./plan.ts";
import { openResponses } from "./responses.ts";
import { projectRows } from "./rows.ts";
import type { Suite } from "./suite.ts";

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
  checkRivals(suite, request.arms);
  const at = { project, effects };
  const budget = { ...suite.budget, ...request.budget };
  checkBudget(budget, [...request.arms, ...judges.values()], suite);
  const items = await freezeItems(suite, request.select ?? {}, at);
  const arms = [];
  for (const arm of request.arms) arms.push(await openArm(arm, suite, at));
  const plan = await makePlan(suite, items, arms, { fileSha256: request.fileSha256 ?? null, budget });

  const id = await runId(project, plan.inputsSha256, request.fresh ?? false, effects);
  const folder = join(project.runs, id);
  const told = { id, folder, duplicates: items.duplicates, quarantined: items.quarantined };
  const finished = await finishedResult(folder, effects);
  if (finished)
    return {
      ...told,
      result: finished,
      startSkew: null,
      unchanged: true,
      resumed: 0,
      spentUsd: 0,
      stored: 0,
    };

  const workWithin = async (limits: BudgetLimits): Promise<Evaluation> => {
    checkBudget(limits, [...request.arms, ...judges.values()], suite);
    await writeManifest(folder, id, plan, request, effects);
    const opened = await openWork(folder, { ...plan, budget: limits }, request, effects);
    const { journal, performer, resumed, budget: spending } = opened;
    await answerAll({ plan, journal, performer, budget: spending }, effects);
    const reason = spending.stopped();
    const { result, startSkew } = await conclude(folder, id, { plan, reason, judges, project }, effects);
    const { spentUsd, stored } = performer.progress();
    return { ...told, result, startSkew, unchanged: false, resumed, spentUsd, stored };
  };
  const work = async (): Promise<Evaluation> => {
    const allotment = await takeAllotment({ project, folder, limits: budget, warn: request.warn }, effects);
    try {
      return await workWithin(allotment.limits);
    } finally {
      await allotment.close();
    }
  };
  return withLock(join(project.private, "locks", `eval-${id}.lock`), `eval ${suite.name}`, work, effects);
}

/** The digest of the inputs, 12 digits; `-r2`, `-r3`, … are further runs of the same inputs. */
async function runId(
  project: Project,
  inputsSha256: string,
  fresh: boolean,
  effects: Effects,
): Promise<string> {
  const base = inputsSha256.slice(0, 12);
  let last = base;
  for (let n = 2; ; n++) {
    if (!(await effects.stat(join(project.runs, last)))) return last;
    const next = `${base}-r${n}`;
    const isThere = (await effects.stat(join(project.runs, next))) !== null;
    if (!isThere && !fresh) return last;
    last = next;
  }
}

async function finishedResult(folder: string, effects: Effects): Promise<EvalResult | null> {
  const path = join(folder, "result.json");
  if (!(await effects.stat(path))) return null;
  return readAs(EvalResult, path, effects);
}

async function writeManifest(
  folder: string,
  id: string,
  plan: Plan,
  { project, suite, experiment }: EvalRequest,
  effects: Effects,
): Promise<void> {
  const path = join(folder, "manifest.json");
  if (await effects.stat(path)) return;
  const manifest = RunManifest.parse({
    schema: "workbench/run@1",
    id,
    kind: "eval",
    experiment: experiment ?? null,
    name: suite.name,
    inputs: plan.inputs,
    inputsSha256: plan.inputsSha256,
    seed: suite.seed,
    at: effects.now().toISOString(),
    host: hostFacts(),
    code: await codeFacts(project.root, effects),
    quarantined: plan.items.quarantined,
    duplicates: plan.items.duplicates,
  });
  await replaceFile(path, jsonText(manifest), effects);
}

async function openWork(folder: string, plan: Plan, request: EvalRequest, effects: Effects) {
  const judges: Judges = request.judges ?? new Map<string, LiveArm>();
  const live = judges.size > 0 || plan.arms.some(({ kind }) => kind === "live");
  const responses = live
    ? await openResponses(request.project, plan.inputsSha256.slice(0, 12), effects)
    : NO_RESPONSES;
  let opened: Journal | null = null;
  const journal = (): Journal => {
    if (!opened) throw new Error("the journal is opened before work begins");
    return opened;
  };
  const budget = makeBudget({
    limits: plan.budget,
    write: (event) => journal().append(event),
    warn: request.warn ?? (() => undefined),
    effects,
  });
  const useStored = request.useStored ?? true;
  const desk = { responses, retries: makeRetryBudget(), useStored, budget, effects };
  const tell = request.tell ?? (() => undefined);
  const performer: Performer = makePerformer({ plan, journal, desk, judges, tell });
  opened = await openJournal(join(folder, "events.jsonl"), effects, performer.recall);
  const { done, failed } = performer.progress();
  const resumed = done + failed;
  if (resumed > 0 || opened.content.tornBytes > 0) {
    const key = `run.resumed:${resumed}:${opened.content.tornBytes}`;
    await opened.append({ kind: "run.resumed", key, data: { resumed, tornBytes: opened.content.tornBytes } });
  }
  return { journal: opened, performer, resumed, budget };
}

const NO_RESPONSES = { get: async () => null, put: async () => undefined, count: 0 };
const SYNC_MS = 50;

interface Work {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly performer: Performer;
  readonly budget: Budget;
}

async function answerAll({ plan, journal, performer, budget }: Work, effects: Effects): Promise<void> {
  let [syncedAt, syncing] = [effects.monotonicMs(), false];
  let syncFailure: { readonly thrown: unknown } | null = null;
  /** A worker waits for the write; the disk follows within 50 ms, so a power cut costs at most that. */
  const follow = (): void => {
    if (syncing || effects.monotonicMs() - syncedAt < SYNC_MS) return;
    syncing = true;
    void journal
      .sync()
      .catch((thrown: unknown) => {
        syncFailure = { thrown };
      })
      .finally(() => {
        [syncing, syncedAt] = [false, effects.monotonicMs()];
      });
  };
  let limits = 0;
  try {
    await runLanes(
      plan,
      {
        isDone: journal.has,
        isStopped: () => syncFailure !== null || budget.stopped() !== null,
        perform: async (job, place) => {
          await performer.perform(job, place);
          follow();
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

interface Ending {
  readonly plan: Plan;
  /** Why it ended before all was done; null where it did not. */
  readonly reason: string | null;
  readonly judges: Judges;
  readonly project: Project;
}

/** Projects the rows, folds them, and writes the result last: its presence is what "finished" means. */
async function conclude(
  folder: string,
  id: string,
  { plan, reason, judges, project }: Ending,
  effects: Effects,
): Promise<{ readonly result: EvalResult; readonly startSkew: StartSkew | null }> {
  const { suite } = plan;
  const judged = judgesInRun(suite, judges, await readCards(project, effects), plan.arms);
  const { summaryOf } = await import("./summarise.ts"); // its statistics are wanted last, and cost most to load
  const summary = summaryOf(suite);
  const complete = completeSamples(plan.arms.length * suite.epochs, summary.visit);
  const pairs = pairingOf(plan.arms.length);
  const visit = (row: SampleRow, trace: Trace | null): void => {
    judged.visit(row);
    complete.visit(row);
    pairs.visit(row, trace);
  };
  const file = await projectRows(folder, plan, visit, effects);
  const left = complete.end();
  const counts = summary.counts();
  const { contaminated } = counts;
  const [done, failed] = [counts.done + left.done, counts.failed + left.failed];
  const notRun = plan.planned - done - failed - contaminated;
  const result = EvalResult.parse({
    schema: "workbench/eval-result@1",
    run: id,
    suite: {
      name: suite.name,
      sha256: suite.sha256,
      primary: suite.primary,
      slices: Object.keys(suite.slices),
    },
    arms: plan.arms.map((arm) => ({
      arm: arm.name,
      model: arm.model,
      digest: arm.sha256,
      run: arm.run,
      prices: arm.prices,
      kind: arm.kind,
    })),
    scorers: suite.scorers.map(({ metric, sha256, threshold, note }) => ({
      name: metric,
      sha256,
      threshold,
      ...(note === undefined ? {} : { note }),
    })),
    ...(judges.size > 0 ? { judges: judged.end() } : {}),
    items: { sha256: plan.items.sha256, count: plan.items.count, total: plan.items.total },
    epochs: suite.epochs,
    clustered: suite.cluster !== null,
    planned: plan.planned,
    done,
    failed,
    contaminated,
    notRun,
    reason: notRun > 0 ? reason : null,
    ...(left.samples > 0 ? { incomplete: left } : {}),
    ...(plan.arms.length > 1 ? { pairing: pairs.pairing() } : {}),
    metrics: summary.metrics(),
    files: [file],
  });
  await writeOnce(join(folder, "result.json"), jsonText(result), effects);
  return { result, startSkew: pairs.startSkew() };
}
