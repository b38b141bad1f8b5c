import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";

/** Closed rules; each that is given is one rule. */
export interface StyleRules extends ScorerOptions {
  readonly minWords?: number;
  readonly maxWords?: number;
  /** Phrases that must, must not occur; capitals do not matter. Each is a rule of its own. */
  readonly required?: readonly string[];
  readonly banned?: readonly string[];
  /** Markdown headings that must be there, by their text. */
  readonly headings?: readonly string[];
  readonly maxSentenceWords?: number;
}

/**
 * The share of the given rules that an answer keeps; the reason names the broken ones.
 *
 * When to use: house rules on form. When not to use: quality of content.
 * Worked value: `style({maxWords: 3, banned: ["sorry"]})({output: "Sorry, I cannot"})` keeps one of two: `{value: 0.5}`.
 */
export function style(rules: StyleRules): Scorer {
  const { as, threshold, ...given } = rules;
  const options = { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) };
  return defineScorer({ name: "style", version: 1, args: given, options }, ({ output }) => {
    const checks = checksOf(given, output);
    if (checks.length === 0) return unscored("no rule is given");
    const broken = checks.filter(([, kept]) => !kept).map(([rule]) => rule);
    const value = (checks.length - broken.length) / checks.length;
    return broken.length === 0 ? { value } : { value, reason: `broken: ${broken.join("; ")}` };
  });
}

function checksOf(
  rules: Omit<StyleRules, keyof ScorerOptions>,
  output: string,
): (readonly [string, boolean])[] {
  const text = output.toLowerCase();
  const words = wordCount(output);
  const longest = Math.max(0, ...output.split(/(?<![.!?])[.!?]+(?:\s|$)/).map(wordCount));
  const headings = [...output.matchAll(/^#{1,6}[ \t]+(.+)$/gm)].map(([, title]) =>
    title?.trim().toLowerCase(),
  );
  return [
    ...(rules.minWords === undefined
      ? []
      : [[`at least ${rules.minWords} words`, words >= rules.minWords] as const]),
    ...(rules.maxWords === undefined
      ? []
      : [[`at most ${rules.maxWords} words`, words <= rules.maxWords] as const]),
    ...(rules.maxSentenceWords === undefined
      ? []
      : [
          [
            `sentences of at most ${rules.maxSentenceWords} words`,
            longest <= rules.maxSentenceWords,
          ] as const,
        ]),
    ...(rules.required ?? []).map(
      (phrase) => [`says ${quoted(phrase)}`, text.includes(phrase.toLowerCase())] as const,
    ),
    ...(rules.banned ?? []).map(
      (phrase) => [`never says ${quoted(phrase)}`, !text.includes(phrase.toLowerCase())] as const,
    ),
    ...(rules.headings ?? []).map(
      (title) => [`has the heading ${quoted(title)}`, headings.includes(title.toLowerCase())] as const,
    ),
  ];
}

const wordCount = (text: string): number => text.match(/\S+/g)?.length ?? 0;
