import type { Detector, Span, Spot } from "./detector.ts";
import { digitsOf, lower, matchesAt, placesOf } from "./detector.ts";

const LOCAL = /[\p{L}\p{N}._%+'-]/u;
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/u;

// What mail also goes to: an address in brackets.
const LITERAL = /^\[(?:IPv6:)?[\da-f][\da-f.:]{2,44}\]/i;
const LONGEST_LOCAL = 64;

/** The domain has a dot and its last label is letters, or is an address in brackets; the @ may be percent-encoded. */
export const email: Detector = {
  kind: "EMAIL",
  needs: { trigger: "at" },
  normalise: (value) => lower(value.includes("@") ? value : value.replace("%40", "@")),
  find: (spot) => [...addressesAt("@", spot), ...addressesAt("%40", spot)],
};

function addressesAt(sign: string, spot: Spot): readonly Span[] {
  const { text } = spot;
  const spans: Span[] = [];
  for (const at of placesOf(sign, spot)) {
    const start = startOfLocal(text, at);
    // git@host:path names a repository, and nobody.
    if (start === null || text[at - 1] === "." || text.slice(start, at) === "git") continue;
    const after = text.slice(at + sign.length, at + 256);
    const domain = DOMAIN.exec(after) ?? LITERAL.exec(after);
    if (domain) spans.push({ start, end: at + sign.length + domain[0].length });
  }
  return spans;
}

/** Growing outwards from each @ is linear; a pattern that starts at the local part is not. */
function startOfLocal(text: string, at: number): number | null {
  if (text[at - 1] === '"') return startOfQuoted(text, at);
  let start = at;
  while (start > 0 && at - start < LONGEST_LOCAL && LOCAL.test(text[start - 1] ?? "")) start--;
  while (start < at && /[.'-]/.test(text[start] ?? "")) start++;
  return start === at ? null : start;
}

/** The quote that opens `"jo doe"` before an @; null when it is not near. */
function startOfQuoted(text: string, at: number): number | null {
  const near = text.slice(Math.max(0, at - LONGEST_LOCAL), at - 1);
  const quote = near.lastIndexOf('"');
  return quote === -1 || quote === near.length - 1 ? null : at - 1 - near.length + quote;
}

/** And what a spot must have besides digits to be worth a try. */
const PHONES: readonly (readonly [pattern: RegExp, mark: string])[] = [
  // International: + and a country code. No number has 16 digits in a row, and trying costs much.
  [/(?<![\p{L}\d+])\+(?!\d{16})\d{1,3}(?:[ .\-/]?\(\d{1,4}\))?(?:[ .\-/]?\d{1,5}){2,6}(?![\d])/gu, "+"],
  // An area code in brackets.
  [/(?<![\p{L}\d+])(?:\+?\d{1,3}[ .-]?)?\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){0,3}(?![\p{L}\d])/gu, "("],
  // North America: 3-3-4, one separator.
  [/(?<![\p{L}\d.+_$€£-])(?:1[-. ])?[2-9]\d{2}([-. ])\d{3}\1\d{4}(?![\p{L}\d_-]|[.,]\d)/gu, ""],
  // A trunk prefix 0 and two groups or more: 020 7946 0958, 06 12 34 56 78, 030/1234567.
  [
    /(?<![\p{L}\d.,:+_$€£/-]|\d )(?!000)0\d{1,4}(?:([ \-/])\d{2,8})(?:\1?[ -]?\d{2,4}){0,4}(?![\p{L}\d_:/-]|[.,]\d)/gu,
    "0",
  ],
];
const DATE = /^[12]\d{3}[-./ ]\d{1,2}[-./ ]\d{1,2}|^\d{1,2}[-./ ]\d{1,2}[-./ ]\d{4}(?!\d)/;
const NEAR = { before: 5, after: 4 };

/** 8 to 15 digits with +, brackets or separators; not inside a longer number, not a date. */
export const phone: Detector = {
  kind: "PHONE",
  needs: { trigger: "groups", count: 8 },
  normalise: digitsOf,
  find: (spot) => {
    const spans: Span[] = [];
    const around = spot.text.slice(Math.max(0, spot.from - NEAR.before), spot.to);
    for (const [pattern, mark] of PHONES)
      if (around.includes(mark)) spans.push(...matchesAt(spot, pattern, NEAR, ([found]) => isPhone(found)));
    return spans;
  },
};

function isPhone(found: string): boolean {
  const count = digitsOf(found).length;
  return count >= 8 && count <= 15 && !DATE.test(found);
}

const BARE = /(?<![\p{L}\d_.+-])\d{9,13}(?![\p{L}\d_-]|\.\d)/gu;
const PHONE_WORD =
  /(?:\b(?:phone|tel|telephone|telefon|teléfono|téléphone|mobile|mobil|móvil|cell|cellphone|handy|whatsapp|fax|sms|text me (?:at|on)|(?:call|ring|reach) (?:me|us|him|her|them)(?: (?:at|on))?)\b|☎|📞)[^\d\n]{0,16}$/iu;

/** 9 to 13 digits without any separator: a number like any other, but for the word beside it. */
export const phoneBesideWord: Detector = {
  kind: "PHONE",
  needs: { trigger: "long" },
  normalise: digitsOf,
  find: (spot) =>
    matchesAt(spot, BARE, NEAR, (_, start) =>
      PHONE_WORD.test(spot.text.slice(Math.max(0, start - 40), start)),
    ),
};
