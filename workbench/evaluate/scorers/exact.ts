import { quoted } from "../../errors/printable.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Scored, Scorer } from "../types.ts";
import { defineScorer, right, unscored, wrong, type ScorerOptions } from "./define.ts";
import { memberAt, parseAnswer } from "./json.ts";

export interface ExactOptions extends ScorerOptions {
  /**
   * A field, or several that must all be equal, of the answer read as JSON, compared with the same
   * field of `expected`. Without it the texts are compared.
   */
  readonly at?: string | readonly string[];
  /** Applied to both texts before they are compared. Default: only white space at the ends goes. */
  readonly normalise?: readonly ("trim" | "case" | "spaces" | "punctuation")[];
}

/**
 * 1 if the answer equals what is expected, else 0. A row that expects nothing leaves the answer unscored.
 *
 * When to use: one right answer (a label, a routing decision, a code).
 * When not to use: many phrasings are right; use a rubric or `contains`.
 * Worked value: `exact({at: "queue"})({output: '{"queue":"billing"}', expected: {queue: "billing"}})` gives `{value: 1}`.
 */
export function exact(options: ExactOptions = {}): Scorer {
  const { at, normalise = ["trim"], ...rest } = options;
  const fields = at === undefined ? null : typeof at === "string" ? [at] : at;
  const spec = { name: "exact", version: 2, args: { at: fields, normalise }, options: rest };
  return defineScorer(spec, (it) => (fields === null ? sameText(it, normalise) : sameFields(it, fields)));
}

function sameText({ output, expected }: Scored, steps: readonly string[]): ReturnType<typeof wrong> {
  if (expected === undefined || expected === null) return unscored("the row expects nothing");
  const want = typeof expected === "string" ? expected : canonical(expected);
  return normalised(output, steps) === normalised(want, steps) ? right : wrong(`expected ${quoted(want)}`);
}

function sameFields(it: Scored, fields: readonly string[]): ReturnType<typeof wrong> {
  const expected = typeof it.expected === "string" ? jsonOr(it.expected) : it.expected;
  const open = fields.find((field) => memberAt(expected, field) === undefined);
  if (open !== undefined) return unscored(`the row expects no ${open}`);
  const parsed = parseAnswer(it.output);
  if (!parsed.ok) return wrong(parsed.why);
  for (const field of fields) {
    const found = memberAt(parsed.value, field);
    const want = memberAt(expected, field);
    if (found === undefined) return wrong(`the answer has no ${field}`);
    if (canonical(found) !== canonical(want))
      return wrong(`${field}: expected ${quoted(want)}, got ${quoted(found)}`);
  }
  return right;
}

function jsonOr(text: string): unknown {
  const parsed = parseAnswer(text);
  return parsed.ok ? parsed.value : text;
}

/** Worked value: `normalised("  Yes, Sir! ", ["trim", "case", "punctuation"])` is "yes sir". */
export function normalised(text: string, steps: readonly string[]): string {
  let out = text.normalize("NFC");
  if (steps.includes("punctuation")) out = out.replace(/\p{P}/gu, "");
  if (steps.includes("case")) out = out.toLowerCase();
  if (steps.includes("spaces")) out = out.replace(/\s+/g, " ");
  return out.trim();
}
