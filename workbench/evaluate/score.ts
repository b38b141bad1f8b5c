import type { Score } from "../schema/run.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { Measured } from "./answer.ts";
import { BudgetStopped, JudgesStopped } from "./budget.ts";
import { notJudged } from "./judges/not-judged.ts";
import type { Sitting } from "./judges/seat.ts";
import type { Suite } from "./suite.ts";
import type { Sample, Scorer, ScoreContext } from "./types.ts";

const REASON_CHARACTERS = 400;

/**
 * All of a suite's scores of one answer. A scorer that throws, or gives something that is no finite
 * number, leaves the answer unscored with its reason: never 0. Only what ends a run for every judge
 * (a refused key, a limit that is reached) goes through.
 */
export async function scoreAnswer(
  suite: Suite,
  { sample, answer, baseline }: Omit<Asked, "context">,
  sitting: Pick<Sitting, "contextOf">,
): Promise<Readonly<Record<string, Score>>> {
  const cut = answer.finishReason === "length" && suite.truncated === "unscored";
  const scores: Record<string, Score> = {};
  for (const scorer of suite.scorers)
    scores[scorer.metric] = cut
      ? { value: null, reason: "the answer was cut off at maxTokens" }
      : await scoreOne(scorer, { sample, answer, baseline, context: sitting.contextOf(scorer) });
  return scores;
}

interface Asked {
  readonly sample: Sample;
  readonly answer: Pick<Measured, "text" | "toolCalls" | "finishReason" | "columns">;
  readonly baseline?: string | null | undefined;
  readonly context: ScoreContext | undefined;
}

/** One scorer's score of an answer, whatever it throws. */
export async function scoreOne(scorer: Scorer, { sample, answer, baseline, context }: Asked): Promise<Score> {
  try {
    const it = {
      output: answer.text,
      expected: sample.expected,
      input: sample.input,
      toolCalls: answer.toolCalls,
      finishReason: answer.finishReason,
      columns: answer.columns,
      metadata: sample.metadata,
      ...(baseline === undefined ? {} : { baseline }),
    };
    const score = await scorer(it, context);
    if (score.value !== null && !Number.isFinite(score.value))
      return { value: null, reason: `the scorer gave ${score.value}` };
    return score.reason === undefined
      ? score
      : { ...score, reason: score.reason.slice(0, REASON_CHARACTERS) };
  } catch (error) {
    if (error instanceof BudgetStopped || error instanceof WorkbenchError) throw error;
    if (error instanceof JudgesStopped) return notJudged(error);
    const text = error instanceof Error ? error.message : String(error);
    return { value: null, reason: `the scorer failed: ${text}`.slice(0, REASON_CHARACTERS) };
  }
}
