import type { Score } from "../schema/run.ts";
import type { Measured } from "./answer.ts";
import type { Suite } from "./suite.ts";
import type { Sample, Scorer } from "./types.ts";

const REASON_CHARACTERS = 400;

/**
 * All of a suite's scores of one answer. A scorer that throws, or gives something that is no finite
 * number, leaves the answer unscored with its reason: never 0, and never the end of a run.
 */
export async function scoreAnswer(
  suite: Suite,
  sample: Sample,
  answer: Measured,
): Promise<Readonly<Record<string, Score>>> {
  const cut = answer.finishReason === "length" && suite.truncated === "unscored";
  const scores: Record<string, Score> = {};
  for (const scorer of suite.scorers)
    scores[scorer.metric] = cut
      ? { value: null, reason: "the answer was cut off at maxTokens" }
      : await scoreOne(scorer, sample, answer);
  return scores;
}

async function scoreOne(scorer: Scorer, sample: Sample, answer: Measured): Promise<Score> {
  try {
    const score = await scorer({
      output: answer.text,
      expected: sample.expected,
      input: sample.input,
      toolCalls: answer.toolCalls,
      finishReason: answer.finishReason,
      columns: answer.columns,
      metadata: sample.metadata,
    });
    if (score.value !== null && !Number.isFinite(score.value))
      return { value: null, reason: `the scorer gave ${score.value}` };
    return score.reason === undefined
      ? score
      : { ...score, reason: score.reason.slice(0, REASON_CHARACTERS) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { value: null, reason: `the scorer failed: ${text}`.slice(0, REASON_CHARACTERS) };
  }
}
