import { join } from "node:path";
import { EvalResult, type SampleRow } from "../schema/run.ts";
import { jsonText, writeOnce } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Trace } from "./answer.ts";
import { completeSamples, type LeftOut } from "./complete.ts";
import { judgesInRun, readCards } from "./judges/card.ts";
import { notJudgedIn } from "./judges/not-judged.ts";
import type { Judges } from "./judges/seat.ts";
import { pairingOf, type StartSkew } from "./pairing.ts";
import type { Plan } from "./plan.ts";
import { projectRows } from "./rows.ts";
import type { Summary } from "./summarise.ts";

interface Ending {
  readonly id: string;
  readonly folder: string;
  readonly plan: Plan;
  /** Why it ended before all was done; null where it did not. */
  readonly reason: string | null;
  readonly judges: Judges;
  readonly project: Project;
}

/** Projects the rows, folds them, and writes the result last: its presence is what "finished" means. */
export async function conclude(
  { id, folder, plan, reason, judges, project }: Ending,
  effects: Effects,
): Promise<{ readonly result: EvalResult; readonly startSkew: StartSkew | null }> {
  const { suite } = plan;
  const judged = judgesInRun(suite, judges, await readCards(project, effects), plan.arms);
  const { summaryOf } = await import("./summarise.ts"); // its statistics are wanted last, and cost most to load
  const summary = summaryOf(suite);
  const unjudged = notJudgedIn();
  const complete = completeSamples(plan.arms.length * suite.epochs, summary.visit);
  const pairs = pairingOf(plan.arms.length);
  const visit = (row: SampleRow, trace: Trace | null): void => {
    judged.visit(row);
    unjudged.visit(row);
    complete.visit(row);
    pairs.visit(row, trace);
  };
  const file = await projectRows(folder, plan, visit, effects);
  const left = complete.end();
  const counts = summary.counts();
  const notJudged = unjudged.end();
  const result = EvalResult.parse({
    ...whatRan(id, plan),
    ...whatEnded(plan, { counts, left, reason }),
    ...(judges.size > 0 ? { judges: judged.end() } : {}),
    ...(notJudged ? { notJudged } : {}),
    ...(plan.arms.length > 1 ? { pairing: pairs.pairing() } : {}),
    metrics: summary.metrics(),
    files: [file],
  });
  await writeOnce(join(folder, "result.json"), jsonText(result), effects);
  return { result, startSkew: pairs.startSkew() };
}

/** The part of a result that was known before anything was asked. */
function whatRan(id: string, { suite, arms, items, planned }: Plan) {
  return {
    schema: "workbench/eval-result@1",
    run: id,
    suite: {
      name: suite.name,
      sha256: suite.sha256,
      primary: suite.primary,
      slices: Object.keys(suite.slices),
    },
    arms: arms.map(({ name, model, sha256, run, prices, kind }) => {
      return { arm: name, model, digest: sha256, run, prices, kind };
    }),
    scorers: suite.scorers.map(({ metric, sha256, threshold, note }) => {
      return { name: metric, sha256, threshold, ...(note === undefined ? {} : { note }) };
    }),
    items: { sha256: items.sha256, count: items.count, total: items.total },
    epochs: suite.epochs,
    clustered: suite.cluster !== null,
    planned,
  };
}

interface Counted {
  readonly counts: ReturnType<Summary["counts"]>;
  readonly left: LeftOut;
  readonly reason: string | null;
}

/** How many of the planned answers there are, and what became of the others. */
function whatEnded({ planned }: Plan, { counts, left, reason }: Counted) {
  const { contaminated } = counts;
  const [done, failed] = [counts.done + left.done, counts.failed + left.failed];
  const notRun = planned - done - failed - contaminated;
  return {
    done,
    failed,
    contaminated,
    notRun,
    reason: notRun > 0 ? reason : null,
    ...(left.samples > 0 ? { incomplete: left } : {}),
  };
}
