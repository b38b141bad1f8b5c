import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

export interface RecordedScoreOptions extends ScorerOptions {
  /** From the recorded number to the score, for instance `(preference) => preference - 1`. */
  readonly value?: (recorded: number) => number;
}

/**
 * A score that somebody else gave: a judge's preference, a reward, a human rating in a column of a
 * recorded answer. Named as the column unless `as` says otherwise.
 *
 * When to use: published or earlier judgements; the judge is not asked again.
 * When not to use: the answers can be scored by a rule.
 * Worked value: `recordedScore("preference", {value: (p) => p - 1})({output: "…", columns: {preference: 1.25}})` gives `{value: 0.25}`.
 */
export function recordedScore(column: string, options: RecordedScoreOptions = {}): Scorer {
  const { value = (recorded: number) => recorded, ...rest } = options;
  const spec = {
    name: "recordedScore",
    version: 1,
    args: { column, value },
    options: { as: column, ...rest },
    threshold: 0.5,
  };
  return defineScorer(spec, ({ columns }) => {
    const recorded = columns?.[column];
    if (typeof recorded === "boolean") return { value: value(Number(recorded)) };
    if (typeof recorded !== "number") return unscored(`no number recorded as ${quoted(column)}`);
    return { value: value(recorded) };
  });
}
