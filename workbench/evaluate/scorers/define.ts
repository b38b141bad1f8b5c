import { digestOf } from "../../schema/canonical.ts";
import type { Score } from "../../schema/run.ts";
import type { Scored, Scorer, ScoreContext } from "../types.ts";

/** What every scorer takes besides its own arguments. */
export interface ScorerOptions {
  /** The metric's name, when a suite uses a scorer twice. */
  readonly as?: string;
  /** A primary score at or above this counts as success. */
  readonly threshold?: number;
}

export interface ScorerSpec {
  readonly name: string;
  /** Raised whenever the same arguments would give other values. */
  readonly version: number;
  readonly args: unknown;
  readonly options?: ScorerOptions;
  readonly threshold?: number;
}

/**
 * Makes a scorer out of a function. What it was made with is digested: a changed scorer never mixes
 * with old scores. Functions in `args` count by their text.
 *
 * Worked value: `defineScorer({name: "short", version: 1, args: {limit: 5}}, (it) => ({value: it.output.length <= 5 ? 1 : 0}))`
 * called with `{output: "yes"}` gives `{value: 1}`.
 */
export function defineScorer(
  spec: ScorerSpec,
  score: (it: Scored, context?: ScoreContext) => Score | Promise<Score>,
): Scorer {
  const threshold = spec.options?.threshold ?? spec.threshold ?? 1;
  const sha256 = digestOf({
    scorer: spec.name,
    version: spec.version,
    args: digestible(spec.args),
    threshold,
    as: spec.options?.as ?? spec.name,
  });
  return Object.assign((it: Scored, context?: ScoreContext) => score(it, context), {
    metric: spec.options?.as ?? spec.name,
    version: spec.version,
    args: spec.args,
    threshold,
    sha256,
  });
}

/** A value with its functions and patterns written as text, so that it can be digested. */
export function digestible(value: unknown): unknown {
  if (typeof value === "function" || value instanceof RegExp) return { source: String(value) };
  if (typeof value === "bigint" || typeof value === "symbol") return { source: String(value) };
  if (Array.isArray(value)) return value.map(digestible);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, digestible(member)]));
  }
  return value;
}

export const right: Score = { value: 1 };
export const wrong = (reason: string): Score => ({ value: 0, reason });
export const unscored = (reason: string): Score => ({ value: null, reason });
