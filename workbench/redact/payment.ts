import { ibanChecks, luhn } from "./checksum.ts";
import type { Detector, Span } from "./detector.ts";
import { digitsOf, matchesAt } from "./detector.ts";
import { IBAN_LENGTH } from "./iban-lengths.ts";

const CARD =
  /(?<![\p{L}\d_.+-])(?:\d{13,19}|\d{4}([ .-]| {2})\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})(?![\p{L}\d_-]|\.\d)/gu;
/** Issuers' prefixes and the lengths of their numbers. */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]], // JCB
  [/^(?:30[0-5]|3095|3[689])/, [14, 15, 16, 17, 18, 19]], // Diners
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50|5[6-9]|6)/, [13, 14, 15, 16, 17, 18, 19]], // Maestro
];

const hasIssuer = (digits: string): boolean =>
  ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));

/** 13 to 19 digits, an issuer's prefix, Luhn. */
export const card: Detector = {
  kind: "CARD",
  needs: { trigger: "card" },
  normalise: digitsOf,
  find: (spot) =>
    matchesAt(spot, CARD, { before: 4, after: 4 }, ([found]) => {
      const digits = digitsOf(found);
      if (!hasIssuer(digits)) return false;
      const valid = luhn(digits);
      if (!valid) spot.left("card checksum");
      return valid;
    }),
};

const IBAN_HEAD = /(?<![\p{L}\d])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z\d])/gu;

/** A country's length and 97 as modulus. Single spaces may stand anywhere, as people group them. */
export const iban: Detector = {
  kind: "IBAN",
  needs: { trigger: "head" },
  normalise: (value) => value.replace(/[\s-]/g, "").toUpperCase(),
  find: (spot) => {
    const { text, left } = spot;
    const spans: Span[] = [];
    for (const { start } of matchesAt(spot, IBAN_HEAD, { before: 2, after: 3 })) {
      const length = IBAN_LENGTH[text.slice(start, start + 2).toUpperCase()];
      if (length === undefined) continue;
      const end = endOfAlphanumerics(text, start, length);
      if (end === null) continue;
      if (ibanChecks(text.slice(start, end).replace(/[\s-]/g, ""))) spans.push({ start, end });
      else if (/\d{6}/.test(text.slice(start, end).replace(/[\s-]/g, ""))) left("iban checksum");
    }
    return spans;
  },
};

/** Where `length` letters and digits from `start` end, single separators skipped; null if they do not. */
function endOfAlphanumerics(text: string, start: number, length: number): number | null {
  let at = start;
  for (let seen = 0; seen < length; at++) {
    if (/[A-Za-z\d]/.test(text[at] ?? "")) seen++;
    else if (!/[ -]/.test(text[at] ?? "") || !/[A-Za-z\d]/.test(text[at + 1] ?? "")) return null;
  }
  return /[\p{L}\d]/u.test(text[at] ?? "") ? null : at;
}
