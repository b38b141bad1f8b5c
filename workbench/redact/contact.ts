import type { Detector, Span } from "./detector.ts";
import { digitsOf, lower, matches } from "./detector.ts";

const LOCAL = /[\p{L}\p{N}._%+'-]/u;
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/u;

/** The domain has a dot and its last label is letters. */
export const email: Detector = {
  kind: "EMAIL",
  needs: { chars: "@" },
  normalise: lower,
  find: (text) => {
    const spans: Span[] = [];
    // Growing outwards from each @ is linear; a pattern that starts at the local part is not.
    for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
      let start = at;
      while (start > 0 && at - start < 64 && LOCAL.test(text[start - 1] ?? "")) start--;
      while (start < at && /[.'-]/.test(text[start] ?? "")) start++;
      if (start === at || text[at - 1] === ".") continue;
      const domain = DOMAIN.exec(text.slice(at + 1, at + 256));
      if (domain) spans.push({ start, end: at + 1 + domain[0].length });
    }
    return spans;
  },
};

const PHONES: readonly RegExp[] = [
  // International: + and a country code. No number has 16 digits in a row, and trying costs much.
  /(?<![\p{L}\d+])\+(?!\d{16})\d{1,3}(?:[ .\-/]?\(\d{1,4}\))?(?:[ .\-/]?\d{1,5}){2,6}(?![\d])/gu,
  // An area code in brackets.
  /(?<![\p{L}\d+])(?:\+?\d{1,3}[ .-]?)?\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){0,3}(?![\p{L}\d])/gu,
  // North America: 3-3-4, one separator.
  /(?<![\p{L}\d.+_$€£-])(?:1[-. ])?[2-9]\d{2}([-. ])\d{3}\1\d{4}(?![\p{L}\d_-]|[.,]\d)/gu,
  // A trunk prefix 0 and two groups or more: 020 7946 0958, 06 12 34 56 78, 030/1234567.
  /(?<![\p{L}\d.,:+_$€£/-]|\d )0\d{1,4}(?:([ \-/])\d{2,8})(?:\1?[ -]?\d{2,4}){0,4}(?![\p{L}\d_:/-]|[.,]\d)/gu,
];
const DATE = /^\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|^\d{1,2}[-./ ]\d{1,2}[-./ ]\d{4}(?!\d)/;

/** 8 to 15 digits with +, brackets or separators; not inside a longer number, not a date. */
export const phone: Detector = {
  kind: "PHONE",
  needs: { chars: "0-9", digits: 8 },
  normalise: digitsOf,
  find: (text) =>
    PHONES.flatMap((pattern) =>
      matches(text, pattern, ([found]) => {
        const count = digitsOf(found).length;
        return count >= 8 && count <= 15 && !DATE.test(found);
      }),
    ),
};
