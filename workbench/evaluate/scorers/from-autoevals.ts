import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

/** A scorer of the package `autoevals`, as far as it is called here. */
export type Autoeval = (args: {
  readonly output: string;
  readonly expected?: unknown;
  readonly input?: unknown;
}) =>
  | Promise<{ readonly name: string; readonly score: number | null }>
  | { readonly name: string; readonly score: number | null };

export interface AutoevalsOptions extends ScorerOptions {
  /** The metric's name. */
  readonly as: string;
  /** Raise it with the package. */
  readonly version: number;
}

/**
 * A scorer of `autoevals` (which is no dependency: bring your own) as one of these.
 *
 * When to use: a scorer that a team has used there already.
 * When not to use: its judges: their calls are neither stored, nor budgeted, nor calibrated here.
 * Worked value: `fromAutoevals(() => ({name: "half", score: 0.5}), {as: "half", version: 1})({output: "x"})` gives `{value: 0.5}`.
 */
export function fromAutoevals(score: Autoeval, { version, ...options }: AutoevalsOptions): Scorer {
  const spec = { name: `autoevals:${options.as}`, version, args: { score }, options };
  return defineScorer(spec, async ({ output, expected, input }) => {
    const { score: value } = await score({ output, expected, input });
    return value === null ? unscored("autoevals gave no score") : { value };
  });
}
