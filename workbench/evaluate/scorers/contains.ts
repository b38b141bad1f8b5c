import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, right, unscored, wrong, type ScorerOptions } from "./define.ts";
import { normalised } from "./exact.ts";

export interface ContainsOptions extends ScorerOptions {
  /** Phrases to look for; default: `expected`, a text or a list of texts. */
  readonly phrases?: readonly string[];
  /** `all` (default) or `any` of the phrases, or `none`: a phrase that occurs makes it 0. */
  readonly need?: "all" | "any" | "none";
  /** Default false: capitals do not matter. */
  readonly caseSensitive?: boolean;
}

/**
 * 1 if the answer contains all (or any, or none) of some phrases, else 0.
 *
 * When to use: a fact that must or must not be named.
 * When not to use: a phrase can be denied ("not Paris" contains "Paris").
 * Worked value: `contains()({output: "It is Paris.", expected: "paris"})` gives `{value: 1}`.
 */
export function contains(options: ContainsOptions = {}): Scorer {
  const { phrases, need = "all", caseSensitive = false, ...rest } = options;
  const steps = caseSensitive ? [] : ["case"];
  const spec = { name: "contains", version: 1, args: { phrases, need, caseSensitive }, options: rest };
  return defineScorer(spec, ({ output, expected }) => {
    const wanted =
      phrases ??
      (Array.isArray(expected) ? expected.map(String) : typeof expected === "string" ? [expected] : []);
    if (wanted.length === 0 || wanted.includes("")) return unscored("there is no phrase to look for");
    const text = normalised(output, steps);
    const there = wanted.filter((phrase) => text.includes(normalised(phrase, steps)));
    if (need === "none") return there.length === 0 ? right : wrong(`contains ${quoted(there[0])}`);
    const enough = need === "any" ? there.length > 0 : there.length === wanted.length;
    return enough ? right : wrong(`lacks ${quoted(wanted.find((phrase) => !there.includes(phrase)))}`);
  });
}
