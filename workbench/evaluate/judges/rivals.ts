import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { JournalLine } from "../../schema/run.ts";
import type { Measured } from "../answer.ts";
import type { Job, Plan } from "../plan.ts";
import type { Suite } from "../suite.ts";

/** An answer that can be scored now, with what it is compared with. */
export interface Ready {
  readonly job: Job;
  readonly answer: Measured;
  /** The baseline's answer to the same sample and repeat; null where it gave none, undefined where nothing asks. */
  readonly baseline: string | null | undefined;
}

/**
 * Brings together the answers that a scorer compares. A candidate's answer that comes before the
 * baseline's is laid aside until that is there: nobody waits, so no order of arms can block a run. What is
 * laid aside is bounded by how far lanes drift apart, and stored already: a crash pays for none of it again.
 */
export interface Rivals {
  /** What can be scored once this answer is there: itself, what waited for it, or nothing yet. */
  readonly answered: (job: Job, answer: Measured) => readonly Ready[];
  /** What waited for an answer that will never be there. */
  readonly failed: (job: Job) => readonly Ready[];
  /** Tells of a terminal row that an earlier process wrote. */
  readonly recall: (line: JournalLine) => void;
}

const ALONE: Rivals = {
  answered: (job, answer) => [{ job, answer, baseline: undefined }],
  failed: () => [],
  recall: () => undefined,
};

const BASELINE = "baseline";

export function makeRivals({ suite, arms }: Pick<Plan, "suite" | "arms">): Rivals {
  if (!suite.scorers.some(({ comparesArms }) => comparesArms === true)) return ALONE;
  const candidates = arms.length - 1;
  const answers = new Map<string, string | null>();
  const aside = new Map<string, Ready[]>();
  /** Candidates of a pair that need its answer no more. */
  const through = new Map<string, number>();
  const forget = (pair: string): void => {
    if (!answers.has(pair) || (through.get(pair) ?? 0) < candidates) return;
    answers.delete(pair);
    through.delete(pair);
  };
  const pass = (pair: string): void => {
    through.set(pair, (through.get(pair) ?? 0) + 1);
    forget(pair);
  };
  const settle = (pair: string, baseline: string | null): readonly Ready[] => {
    const waited = aside.get(pair) ?? [];
    aside.delete(pair);
    through.set(pair, (through.get(pair) ?? 0) + waited.length);
    answers.set(pair, baseline);
    forget(pair);
    return waited.map((ready) => ({ ...ready, baseline }));
  };
  return {
    answered: (job, answer) => {
      const pair = pairOf(job.sample.id, job.epoch);
      if (job.arm.name === BASELINE)
        return [{ job, answer, baseline: answer.text }, ...settle(pair, answer.text)];
      const baseline = answers.get(pair);
      if (baseline === undefined) {
        aside.set(pair, [...(aside.get(pair) ?? []), { job, answer, baseline }]);
        return [];
      }
      pass(pair);
      return [{ job, answer, baseline }];
    },
    failed: ({ arm, sample, epoch }) => {
      const pair = pairOf(sample.id, epoch);
      if (arm.name === BASELINE) return settle(pair, null);
      pass(pair);
      return [];
    },
    recall: ({ kind, data }) => {
      const { arm, sampleId, epoch, text } = data as Recalled;
      const pair = pairOf(sampleId, epoch);
      if (arm !== BASELINE) pass(pair);
      else settle(pair, kind === "sample.scored" ? text : null);
    },
  };
}

interface Recalled {
  readonly arm: string;
  readonly sampleId: string;
  readonly epoch: number;
  readonly text: string;
}

const pairOf = (sampleId: string, epoch: number): string => `${sampleId} ${epoch}`;

/** @throws WB_SUITE_INVALID where a scorer compares arms and there is no baseline, or nothing to compare with it. */
export function checkRivals({ scorers }: Suite, arms: readonly { readonly name: string }[]): void {
  const scorer = scorers.find(({ comparesArms }) => comparesArms === true);
  if (!scorer || (arms.length > 1 && arms.some(({ name }) => name === BASELINE))) return;
  throw new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `scorer ${quoted(scorer.metric)}`,
    what: "it compares the arms' answers, and there are no two arms of which one is the baseline",
    fix: "--arm baseline=<model> --arm candidate=<model>, or arms: { baseline, candidate } in the suite",
  });
}
