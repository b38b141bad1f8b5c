import { quoted } from "../../errors/printable.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, right, wrong, type ScorerOptions } from "./define.ts";
import { memberAt, parseAnswer } from "./json.ts";

/**
 * 1 if one field of the answer (read as JSON) equals a fixed value, or passes a test of its own.
 *
 * When to use: a field whose right value does not depend on the sample (`tool` is always "route").
 * When not to use: the right value is in `expected`; use `exact({at})`.
 * Worked value: `jsonField("tool", "route")({output: '{"tool":"route"}'})` gives `{value: 1}`.
 */
export function jsonField(
  at: string,
  want: string | number | boolean | null | ((value: unknown) => boolean),
  options: ScorerOptions = {},
): Scorer {
  return defineScorer({ name: "jsonField", version: 1, args: { at, want }, options }, ({ output }) => {
    const parsed = parseAnswer(output);
    if (!parsed.ok) return wrong(parsed.why);
    const found = memberAt(parsed.value, at);
    if (found === undefined) return wrong(`the answer has no ${at}`);
    const passes = typeof want === "function" ? want(found) : canonical(found) === canonical(want);
    return passes ? right : wrong(`${at}: got ${quoted(found)}`);
  });
}
