import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { defineScorer, right, unscored, wrong, type ScorerOptions } from "./define.ts";

export interface NumericOptions extends ScorerOptions {
  /** The number after the last of these marks; without a mark, the last number of the answer. */
  readonly after?: string;
  /** The mark in `expected` where that is a text, for instance "####". */
  readonly truthAfter?: string;
  /** Largest accepted distance. Default 0: equal as decimals, so 18 equals 18.00. */
  readonly tolerance?: number;
}

// A sign, digits with thousands marks or plain, decimals, an exponent.
const NUMBER =
  /[-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]?\.\d+(?:[eE][-+]?\d+)?/g;

/**
 * 1 if the number in the answer equals the expected one. Currency signs, percent signs and thousands
 * marks do not count. No number, or no mark where one is declared, is a wrong answer: 0, not an error.
 *
 * When to use: an answer that ends in one number.
 * When not to use: the way to the number matters.
 * Worked value: `numeric({after: "A:"})({output: "so 9 · 2 = 18. A: $18", expected: "18.00"})` gives `{value: 1}`.
 */
export function numeric(options: NumericOptions = {}): Scorer {
  const { after, truthAfter, tolerance = 0, ...rest } = options;
  const spec = { name: "numeric", version: 1, args: { after, truthAfter, tolerance }, options: rest };
  return defineScorer(spec, ({ output, expected }) => {
    const truth =
      typeof expected === "number" ? decimalOf(String(expected)) : numberIn(String(expected), truthAfter);
    if (truth === null) return unscored(`no number in what is expected: ${quoted(expected)}`);
    const found = numberIn(output, after);
    if (found === null)
      return wrong(after === undefined ? "no number in the answer" : `no number after ${quoted(after)}`);
    if (found === truth) return right;
    const near = tolerance > 0 && Math.abs(Number(found) - Number(truth)) <= tolerance;
    return near ? right : wrong(`expected ${truth}, got ${found}`);
  });
}

/**
 * The number that a text gives, as a plain decimal text, or null. After a mark it is the first
 * number behind the last mark; without one, the last number of all.
 * Worked value: `numberIn("A: 1 … A: $1,250.50", "A:")` is "1250.5".
 */
export function numberIn(text: string, after?: string): string | null {
  if (after === undefined) return decimalOf(text.match(NUMBER)?.at(-1));
  const at = text.lastIndexOf(after);
  return at < 0 ? null : decimalOf(text.slice(at + after.length).match(NUMBER)?.[0]);
}

/** A number in one spelling, exactly: no rounding through doubles unless there is an exponent. */
function decimalOf(raw: string | undefined): string | null {
  if (raw === undefined) return null;
  const plain = raw.replaceAll(",", "");
  if (/[eE]/.test(plain)) return Number.isFinite(Number(plain)) ? String(Number(plain)) : null;
  const [, sign = "", whole = "", decimals = ""] = /^([-+]?)(\d*)\.?(\d*)$/.exec(plain) ?? [];
  const head = whole.replace(/^0+(?=\d)/, "") || "0";
  // Counted, not matched: /0+$/ takes the square of the time on a long run of zeros within.
  let end = decimals.length;
  while (decimals[end - 1] === "0") end--;
  const tail = decimals.slice(0, end);
  const size = tail === "" ? head : `${head}.${tail}`;
  return sign === "-" && size !== "0" ? `-${size}` : size;
}
