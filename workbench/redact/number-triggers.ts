import { mayBeSecret } from "./beside-word.ts";
import { DIGIT, KIND, isLetter, isLetterOrDigit } from "./characters.ts";
import { codes } from "./codes.ts";
import { MAY_BE_CARD, MAY_BE_NATIONAL, MAY_BE_PHONE, groupsIn } from "./groups.ts";
import { IBAN_LENGTH } from "./iban-lengths.ts";
import { Links } from "./places.ts";
import { TRIGGERS } from "./trigger-places.ts";

const LONG_NUMBER = 9;
const GROUPS = 8;
const PERCENT = 37;
const HYPHEN = 45;
const ZERO = 48;

/** Chains of digits. */
export const digits = new Links({ nearest: 1, farthest: 4 }, addNumbers);

/** Adds the digits that follow each other from `at`. */
export function addDigitsFrom(at: number): void {
  let to = at + 1;
  while (KIND[codes[to] as number] === DIGIT) to++;
  if (mayBeSecret(codes, at)) TRIGGERS.value.add(at, at + 1, 1);
  if (at > 1 && isLetter(codes[at - 1] as number)) {
    if (to - at > 1) addHead(at - 2);
    if (!isNirLetter(codes[at - 1] as number)) digits.end();
  }
  digits.add(at, to);
  if (to - at === 7 || to - at === 8) addLettered(at, to);
  else if (to - at >= LONG_NUMBER) TRIGGERS.long.add(at, to, to - at);
  if (at > 2 && codes[at - 1] === HYPHEN && codes[at - 2] === 112 && codes[at - 3] === 105)
    TRIGGERS.host.add(at, to, 1); // ip-
  if (at > 0 && codes[at - 1] === PERCENT && codes[at] === 52 && codes[at + 1] === 48)
    TRIGGERS.at.add(at - 1, at + 2, 1);
}

/** Letters of a country that no letter or digit precedes. */
function addHead(at: number): void {
  const [first, second] = [codes[at] as number, codes[at + 1] as number];
  if (!isLetter(first) || COUNTRIES[pairOf(first, second)] === 0) return;
  if (at === 0 || !isLetterOrDigit(codes[at - 1] as number)) TRIGGERS.head.add(at, at + 4, 1);
}

const COUNTRIES = new Uint8Array(1 << 10);
for (const country of Object.keys(IBAN_LENGTH)) COUNTRIES[pairOf(country.charCodeAt(0), country.charCodeAt(1))] = 1; // prettier-ignore
/** Two letters, in any case, as one number. */
function pairOf(first: number, second: number): number {
  return ((first & 31) << 5) | (second & 31);
}

function addLettered(from: number, to: number): void {
  const letter = codes[to] === HYPHEN ? to + 1 : to;
  if (isLetter(codes[letter] as number) && !isLetterOrDigit(codes[letter + 1] as number))
    TRIGGERS.lettered.add(from, to, 1);
}

function addNumbers(from: number, to: number, count: number): void {
  if (count < GROUPS || isTimestamp(from, to)) return;
  const kinds = groupsIn(codes, from, to);
  if (kinds & MAY_BE_PHONE) TRIGGERS.groups.add(from, to, count);
  if (kinds & MAY_BE_CARD) TRIGGERS.card.add(from, to, count);
  if (kinds & MAY_BE_NATIONAL) TRIGGERS.national.add(from, to, count);
}

const TIMESTAMP = Buffer.from("0000-00-00 00:00:00.000000000");
const ENDS_TIMESTAMP = new Set([10, 16, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29]);

/** The commonest number of a log is no one's: 2026-11-20, with a time or without. */
function isTimestamp(from: number, to: number): boolean {
  if (codes[from + 4] !== HYPHEN || !ENDS_TIMESTAMP.has(to - from)) return false;
  for (let at = 0; at < to - from; at++) {
    const code = codes[from + at] as number;
    const wanted = TIMESTAMP[at] as number;
    if (wanted === ZERO) {
      if (KIND[code] !== DIGIT) return false;
    } else if (code !== wanted && !(at === 10 && code === 84) && !(at === 19 && code === 44)) return false; // T or ,
  }
  return true;
}

/** The number of a French department may be 2A or 2B. */
const isNirLetter = (code: number): boolean => code === 65 || code === 66;
