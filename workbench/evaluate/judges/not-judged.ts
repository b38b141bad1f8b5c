import { z } from "zod";
import type { SampleRow, Score } from "../../schema/run.ts";
import type { JudgesStopped } from "../budget.ts";

const Evidence = z.looseObject({ notJudged: z.literal("budget") });

/** The score of an answer whose judge could not be paid: missing, with its reason. */
export const notJudged = ({ message }: JudgesStopped): Score => ({
  value: null,
  reason: message,
  evidence: { notJudged: "budget" } satisfies z.infer<typeof Evidence>,
});

/** What a result says of answers that the judges' budget left unjudged. */
export interface NotJudged {
  readonly answers: number;
  readonly reason: string;
}

/** Counts, row by row, the answers that lack a score for want of money. */
export function notJudgedIn(): {
  readonly visit: (row: SampleRow) => void;
  readonly end: () => NotJudged | null;
} {
  let [answers, reason] = [0, ""];
  return {
    visit: ({ scores }) => {
      const found = Object.values(scores).find(({ evidence }) => Evidence.safeParse(evidence).success);
      if (!found) return;
      answers++;
      reason ||= found.reason ?? "";
    },
    end: () => (answers === 0 ? null : { answers, reason }),
  };
}
