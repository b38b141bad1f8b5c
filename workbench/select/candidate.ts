import type { ScoreSettings } from "../schema/dataset-definition.ts";
import type { ChatTurn } from "../schema/dataset.ts";
import type { Signal, StoredInteraction } from "../schema/interaction.ts";
import type { Refused } from "../stats/refused.ts";
import { isRefused } from "../stats/refused.ts";
import type { Reward } from "./reward.ts";
import { rewardOf } from "./reward.ts";
import type { Score } from "./score.ts";
import { components, scoreAnswer } from "./score.ts";
import { byText, folded } from "./text.ts";
import { conversationOf } from "./turns.ts";
import { canonical } from "../schema/canonical.ts";

/** One text that answers the prompt, with the score it earned. */
export interface Answer {
  /** `original`: what the model said. `correction`: what a person wrote instead. */
  readonly by: "original" | "correction";
  readonly turn: ChatTurn;
  readonly score: Score;
}

/** An interaction on its way into a dataset. Steps remove candidates; they never change one. */
export interface Candidate {
  readonly row: StoredInteraction;
  /** `row_key`: what every order, tie and draw goes by. */
  readonly key: string;
  readonly prompt: readonly ChatTurn[];
  readonly original: Answer;
  readonly correction: Answer | null;
  /** sft: the answer to learn. Null until `chooseTarget`, and always for preference data. */
  readonly target: Answer | null;
  readonly reward: Reward;
}

/** Prompt, answers, scores and reward of a logged call; refused when it is no complete conversation. */
export function candidateOf(row: StoredInteraction, settings: ScoreSettings): Candidate | Refused {
  const conversation = conversationOf(row);
  if (isRefused(conversation)) return conversation;
  const { prompt, answer } = conversation;
  const corrected = correctedText(row.feedback);
  return {
    row,
    key: row.row_key,
    prompt,
    original: {
      by: "original",
      turn: answer,
      score: scoreAnswer({ text: answer.content, row, ...components(row.feedback) }, settings),
    },
    // The signals of the row speak about the original. A correction has one of its own: a person
    // wrote it, on purpose, as the answer there should have been.
    correction:
      corrected === null
        ? null
        : {
            by: "correction",
            turn: { role: "assistant", content: corrected },
            score: scoreAnswer(
              { text: corrected, row, explicit: settings.correction, implicit: null },
              settings,
            ),
          },
    target: null,
    reward: rewardOf(row),
  };
}

/** The text of the last correction by time; ties go to the signal that is later in canonical order. */
function correctedText(signals: readonly Signal[]): string | null {
  const last = signals
    .filter((signal) => (signal.corrected_text ?? "").trim() !== "")
    .map((signal) => ({ signal, order: `${signal.occurred_at ?? ""}\n${canonical(signal)}` }))
    .sort((a, b) => byText(a.order, b.order))
    .at(-1);
  return last?.signal.corrected_text ?? null;
}

/** Everything a reader of the row would read but the system prompt: what duplicates are told by. */
export function readableText(turns: readonly ChatTurn[]): string {
  return turns
    .filter((turn) => turn.role === "user" || turn.role === "assistant")
    .map((turn) => turn.content)
    .join("\n");
}

/** The turns as equality sees them: role, folded content, tool calls; no system prompt, no tool schema. */
export function contentOf(turns: readonly ChatTurn[]): readonly unknown[] {
  return turns
    .filter((turn) => turn.role !== "system")
    .map((turn) => ({ role: turn.role, content: folded(turn.content), tool_calls: turn["tool_calls"] }));
}

/** The answers of a candidate that its dataset would hold. */
export function answersOf(candidate: Candidate): readonly Answer[] {
  if (candidate.target) return [candidate.target];
  return candidate.correction ? [candidate.original, candidate.correction] : [candidate.original];
}
