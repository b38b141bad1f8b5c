import { z } from "zod";
import type { Score } from "../../schema/run.ts";
import { realEffects } from "../../store/effects.ts";
import { defineScorer, unscored, type ScorerOptions } from "../scorers/define.ts";
import type { Scored, Scorer } from "../types.ts";
import { scoreFlaky, scoreGaps, scoreReview } from "./answers.ts";
import { scoreTests } from "./mutants.ts";
import { QeExpected, QeInput } from "./task.ts";

/**
 * Scores an answer to a task of the QE suite by running or comparing what it says: mutants killed by
 * generated tests, coverage gaps, class and evidence of a flaky history, F1 of review findings.
 *
 * When to use: the QE suite, and rows of your own in its form (docs/suites.md).
 * When not to use: open review comments: they need people or a judge.
 * Worked value: a coverage task of 10 lines with the gaps 3 and 4, answered `{"gaps": [3, 9]}`, gives `{value: 0.375}`.
 */
export function qeQuality(options: ScorerOptions = {}): Scorer {
  const spec = { name: "quality", version: 2, args: {}, options, threshold: 0.8 };
  return defineScorer(spec, (it) => {
    try {
      return scoreOne(it);
    } catch (error) {
      if (error instanceof z.ZodError) return unscored("the row is no QE task");
      throw error;
    }
  });
}

function scoreOne({ input, expected, output }: Scored): Score | Promise<Score> {
  const task = QeInput.parse(input);
  switch (task.category) {
    case "test-generation":
      return scoreTests(output, task, QeExpected[task.category].parse(expected), realEffects);
    case "coverage":
      return scoreGaps(output, QeExpected[task.category].parse(expected), task.facts);
    case "flaky":
      return scoreFlaky(output, QeExpected[task.category].parse(expected));
    case "review":
      return scoreReview(output, QeExpected[task.category].parse(expected));
  }
}
