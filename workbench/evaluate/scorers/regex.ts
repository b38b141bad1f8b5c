import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, right, unscored, wrong, type ScorerOptions } from "./define.ts";

export interface RegexOptions extends ScorerOptions {
  /** Compare the first capture with `expected` instead of only asking whether it matches. */
  readonly capture?: boolean;
}

/**
 * 1 if the pattern matches the answer; with `capture`, if its first group equals `expected`.
 *
 * When to use: a format that has to be kept, a value in a fixed place.
 * When not to use: patterns from data or from people you do not trust: a pattern is code, and a bad one
 * can take forever. Lazy nested repeats (`(a+)+`) are refused here, but no check finds them all.
 * Worked value: `regex(/^ticket (\d+)$/, {capture: true})({output: "ticket 12", expected: "12"})` gives `{value: 1}`.
 */
export function regex(pattern: RegExp, options: RegexOptions = {}): Scorer {
  const { capture = false, ...rest } = options;
  if (/\([^)]*[+*][^)]*\)[+*]/.test(pattern.source))
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: `regex(${String(pattern)})`,
      what: "a repeat inside a repeat can take forever on some answers",
      fix: "write the pattern without nesting + or * in a group that is itself repeated",
    });
  // Flags g and y keep a position between calls: the second answer would be judged from the middle.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  const spec = { name: "regex", version: 2, args: { pattern: stateless, capture }, options: rest };
  return defineScorer(spec, ({ output, expected }) => {
    if (capture && (expected === undefined || expected === null)) return unscored("the row expects nothing");
    const found = stateless.exec(output);
    if (!found) return wrong("the pattern does not match");
    if (!capture || found[1] === String(expected)) return right;
    return wrong(`expected ${quoted(expected)}, got ${quoted(found[1])}`);
  });
}
