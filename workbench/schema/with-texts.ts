import type { Aside } from "./aside.ts";
import { ASIDE_MARK, asideNumber, asideText } from "./aside.ts";

const QUOTE = '"';
const LONGEST = 8;

/**
 * The JSON of a value with stand-ins in it, in which each string that is one is the text it stands for.
 * Worked value: where text 0 is `a "b"`, the JSON `{"x":["<mark>0"]}` becomes `{"x":["a \"b\""]}`.
 */
export function withTexts(json: string, aside: Aside): string {
  let [at, done, out] = [json.indexOf(ASIDE_MARK), 0, ""];
  while (at >= 0) {
    const n = wholeNumber(json, at, aside.count);
    const end = n < 0 ? at + 1 : json.indexOf(QUOTE, at) + 1;
    if (n >= 0) {
      out += json.slice(done, at - 1) + JSON.stringify(asideText(aside, n));
      done = end;
    }
    at = json.indexOf(ASIDE_MARK, end);
  }
  return done === 0 ? json : out + json.slice(done);
}

/** The number of the stand-in at `at` when it is a whole string of the JSON, else -1. */
function wholeNumber(json: string, at: number, count: number): number {
  // A quotation mark within a string has a backslash before it, one around it never.
  if (json[at - 1] !== QUOTE || json[at - 2] === "\\") return -1;
  const end = json.indexOf(QUOTE, at);
  const n = end - at > LONGEST ? -1 : asideNumber(json.slice(at, end));
  return n < count ? n : -1;
}
