import type { ScoreSettings } from "../schema/dataset-definition.ts";
import type { Interaction, Signal } from "../schema/interaction.ts";
import { wordsOf } from "./text.ts";

const EXPLICIT = new Set(["thumb", "rating", "correction", "follow_up", "abandonment"]);

/** The components of C1 and what they come to. A null component was not measured. */
export interface Score {
  readonly value: number;
  readonly explicit: number | null;
  readonly implicit: number | null;
  readonly length: number;
  readonly context: number;
}

/**
 * Explicit signals are averaged, implicit ones summed; both are held to [−1, 1]. Values are added
 * in ascending order, so that the order in which feedback arrived cannot change a digit.
 */
export function components(signals: readonly Signal[]): Pick<Score, "explicit" | "implicit"> {
  const values = (explicit: boolean): readonly number[] =>
    signals
      .filter((signal) => EXPLICIT.has(signal.kind) === explicit)
      .flatMap((signal) => (signal.value === null ? [] : [signal.value]))
      .sort((a, b) => a - b);
  const sum = (of: readonly number[]): number => of.reduce((total, value) => total + value, 0);
  const [said, done] = [values(true), values(false)];
  return {
    explicit: said.length === 0 ? null : clamp(sum(said) / said.length, -1, 1),
    implicit: done.length === 0 ? null : clamp(sum(done), -1, 1),
  };
}

/**
 * C1 of one answer: clamp(0.4·explicit + 0.3·implicit + 0.15·[50–500 words] + 0.15·[context used], 0, 1),
 * weights and bounds being settings. A missing component counts as 0, or with `missing: reweight`
 * its weight is shared among the others.
 *
 * Worked value: explicit +1, implicit +0.6, 60 words, no context give 0.4 + 0.18 + 0.15 = 0.73.
 */
export function scoreAnswer(
  answer: { readonly text: string; readonly row: Interaction } & Pick<Score, "explicit" | "implicit">,
  settings: ScoreSettings,
): Score {
  const count = wordsOf(answer.text).length;
  const parts = {
    explicit: answer.explicit,
    implicit: answer.implicit,
    length: count >= settings.words[0] && count <= settings.words[1] ? 1 : 0,
    context: answer.row.context.length > 0 ? 1 : 0,
  };
  const terms = (["explicit", "implicit", "length", "context"] as const).map((name) => ({
    weight: settings[name],
    value: parts[name],
  }));
  const all = terms.reduce((total, term) => total + term.weight, 0);
  const known = terms.reduce((total, term) => total + (term.value === null ? 0 : term.weight), 0);
  const raw = terms.reduce((total, term) => total + term.weight * (term.value ?? 0), 0);
  const scale = settings.missing === "reweight" && known > 0 ? all / known : 1;
  return { ...parts, value: clamp(raw * scale, 0, 1) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
