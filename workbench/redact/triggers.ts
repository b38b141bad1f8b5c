import { mayBeSecret } from "./beside-word.ts";
import { codes, fours, readAscii, readText } from "./codes.ts";
import { MAY_BE_CARD, MAY_BE_NATIONAL, MAY_BE_PHONE, groupsIn } from "./groups.ts";
import { IBAN_LENGTH } from "./iban-lengths.ts";
import { Links, Places } from "./places.ts";
import { PREFIXES } from "./prefixes.ts";

/**
 * What a text must hold, and where, for a detector to match:
 * - `at`: an @ or `%40`; `host`: digits after `ip-`; `data`: the colon of `data:`; `pem`: the hyphens of `-----BEGIN`
 * - `scheme`: the colon of `://`, in a text that has an @
 * - `digits`: ASCII digits without a break; no detector asks for so little
 * - `value`: the first digit of what stands beside a word such as token or password
 * - `lettered`: seven or eight digits and one letter, or a hyphen and one letter
 * - `long`: nine digits and more without a break
 * - `groups`, `card`, `national`: so many digits, grouped as in a telephone number, a card's or a national id
 *   (`groupsIn`); neighbours are at most 4 apart, and a letter right before one, but A or B, ends them
 * - `dots`: so many dots after a digit, neighbours 2 to 4 apart; `quads`: two dots with four characters between
 * - `colons`: so many, neighbours at most 5 apart, of which two are neighbours, or five
 * - `hyphens`: so many, with two characters between neighbours
 * - `head`: a country's two letters and two digits, as an IBAN begins
 * - `prefixed`: a long run of letters, digits, _ and - in which, or before which, one of PREFIXES may stand
 * - `text`: nothing in particular, the whole text is its spot
 */
export type Needs =
  | { readonly trigger: Exclude<keyof typeof LISTS, Counted> }
  | { readonly trigger: Counted; readonly count: number };
type Counted = "groups" | "dots" | "colons" | "hyphens";

const LISTS = {
  at: new Places(),
  host: new Places(),
  data: new Places(),
  pem: new Places(),
  scheme: new Places(),
  digits: new Places(),
  value: new Places(),
  lettered: new Places(),
  long: new Places(),
  card: new Places(),
  national: new Places(),
  groups: new Places(),
  dots: new Places(),
  quads: new Places(),
  colons: new Places(),
  hyphens: new Places(),
  head: new Places(),
  prefixed: new Places(),
  text: new Places(),
};
const ALL = Object.values(LISTS);

/** Where the triggers of all detectors are in one text. */
export type Triggers = typeof LISTS;

/** Of the text that was read last. */
export const TRIGGERS: Triggers = LISTS;

/** The least that makes a place. */
export const LONG_RUN = 15;
/** How far before a run its prefix may begin. */
export const BEFORE_RUN = 80;
const LONG_NUMBER = 9;
const GROUPS = 8;
const COLONS = 5;

const digits = new Links({ nearest: 1, farthest: 4 }, addNumbers);
const dots = new Links({ nearest: 2, farthest: 4 }, addFrom(LISTS.dots, 3));
const colons = new Links({ nearest: 1, farthest: 5 }, addColons);
const hyphens = new Links({ nearest: 3, farthest: 3 }, addFrom(LISTS.hyphens, 5));
const LINKS = [digits, dots, colons, hyphens];

const PERCENT = 37;
const HYPHEN_CODE = 45;
const DOT_CODE = 46;
const SLASH = 47;
const ZERO = 48;
const COLON_CODE = 58;
const LETTER = 1;
const DIGIT = 2;
const DOT = 3;
const COLON = 4;
const HYPHEN = 5;
const AT = 6;
const CLASS = new Uint8Array(256);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") CLASS[letter.charCodeAt(0)] = LETTER; // prettier-ignore
for (const digit of "0123456789") CLASS[digit.charCodeAt(0)] = DIGIT;
for (let sign = 0; sign < 4; sign++) CLASS[".:-@".charCodeAt(sign)] = DOT + sign;
const IN_RUN = CLASS.map((kind) => (kind === LETTER || kind === DIGIT || kind === HYPHEN ? 1 : 0));

/** Reads a text for the triggers of every detector, until the next call; whether it is ASCII. */
export function triggersIn(text: string): boolean {
  const isAscii = readText(text);
  findTriggers(text.length);
  return isAscii;
}

/** Reads the ASCII text that lies at [from, to) of `source`. */
export function triggersInAscii(source: Uint8Array, from: number, to: number): void {
  readAscii(source, from, to);
  findTriggers(to - from);
}

function findTriggers(length: number): void {
  for (const list of ALL) list.clear();
  LISTS.text.add(0, length, length);
  scan(length);
  for (const links of LINKS) links.end();
  if (LISTS.at.length === 0) LISTS.scheme.clear();
}

// Added to four ASCII characters in one number: a high bit says that a character reaches 45 (-), or 65 (A).
const TO_HYPHEN = 0x53535353;
const TO_LETTERS = 0x3f3f3f3f;
const HIGH = 0x80808080 | 0;

/**
 * Four characters at a step. Most fours of a prose have none from - to @. A run of fifteen covers three
 * fours, wherever it begins: most threes have a blank, quote or comma, and all these are below -.
 */
function scan(length: number): void {
  let [before, beforeThat, runEnd] = [0, 0, 0];
  const end = (length + 3) >> 2;
  const read = fours;
  for (let at = 0; at < end; at++) {
    const four = read[at] as number;
    const reach = (four + TO_HYPHEN) | 0;
    if (((reach ^ (four + TO_LETTERS)) & HIGH) !== 0) addSigns(at << 2);
    if ((reach & before & beforeThat & HIGH) === HIGH && at << 2 >= runEnd) runEnd = addRun(at << 2);
    beforeThat = before;
    before = reach;
  }
}

function addSigns(from: number): void {
  for (let at = from; at < from + 4; at++) {
    const kind = CLASS[codes[at] as number] as number;
    if (kind === DIGIT) {
      if (at === 0 || CLASS[codes[at - 1] as number] !== DIGIT) addDigitsFrom(at);
    } else if (kind > DIGIT) addSign(kind, at);
  }
}

function addSign(kind: number, at: number): void {
  if (kind === DOT) {
    if (codes[at + 5] === DOT_CODE) LISTS.quads.add(at, at + 6, 1);
    if (at > 0 && CLASS[codes[at - 1] as number] === DIGIT) dots.add(at, at + 1);
  } else if (kind === HYPHEN) {
    hyphens.add(at, at + 1);
    if (codes[at + 1] === 66 && codes[at + 2] === 69 && at > 3) LISTS.pem.add(at - 4, at + 1, 1); // BE
  } else if (kind === AT) LISTS.at.add(at, at + 1, 1);
  else if (kind === COLON) {
    if (codes[at + 1] === 47 && codes[at + 2] === 47) LISTS.scheme.add(at, at + 1, 1);
    else if (at > 3 && codes[at - 1] === 97 && codes[at - 2] === 116) LISTS.data.add(at, at + 1, 1);
    colons.add(at, at + 1);
    if (codes[at + 1] === COLON_CODE) isDouble = true;
  }
}

/** Adds the digits that follow each other from `at`. */
function addDigitsFrom(at: number): void {
  let to = at + 1;
  while (CLASS[codes[to] as number] === DIGIT) to++;
  LISTS.digits.add(at, to, to - at);
  if (mayBeSecret(codes, at)) LISTS.value.add(at, at + 1, 1);
  if (at > 1 && isLetter(codes[at - 1] as number)) {
    if (to - at > 1) addHead(at - 2);
    if (!isNirLetter(codes[at - 1] as number)) digits.end();
  }
  digits.add(at, to);
  if (to - at === 7 || to - at === 8) addLettered(at, to);
  else if (to - at >= LONG_NUMBER) LISTS.long.add(at, to, to - at);
  if (at > 2 && codes[at - 1] === 45 && codes[at - 2] === 112 && codes[at - 3] === 105)
    LISTS.host.add(at, to, 1); // ip-
  if (at > 0 && codes[at - 1] === PERCENT && codes[at] === 52 && codes[at + 1] === 48)
    LISTS.at.add(at - 1, at + 2, 1);
}

/** Letters of a country that no letter or digit precedes. */
function addHead(at: number): void {
  const [first, second] = [codes[at] as number, codes[at + 1] as number];
  if (!isLetter(first) || COUNTRIES[pairOf(first, second)] === 0) return;
  if (at === 0 || !isLetterOrDigit(codes[at - 1] as number)) LISTS.head.add(at, at + 4, 1);
}

const COUNTRIES = new Uint8Array(1 << 10);
for (const country of Object.keys(IBAN_LENGTH)) COUNTRIES[pairOf(country.charCodeAt(0), country.charCodeAt(1))] = 1; // prettier-ignore
/** Two letters, in any case, as one number. */
function pairOf(first: number, second: number): number {
  return ((first & 31) << 5) | (second & 31);
}

function addLettered(from: number, to: number): void {
  const letter = codes[to] === HYPHEN_CODE ? to + 1 : to;
  if (isLetter(codes[letter] as number) && !isLetterOrDigit(codes[letter + 1] as number))
    LISTS.lettered.add(from, to, 1);
}

/** Adds the run around `at` if it is a long one that a prefix may be in or before; where it ends. */
function addRun(at: number): number {
  let [from, to] = [at, at];
  while (from > 0 && IN_RUN[codes[from - 1] as number] === 1) from--;
  while (IN_RUN[codes[to] as number] === 1) to++;
  if (to - from >= LONG_RUN && mayHavePrefix(from, to)) LISTS.prefixed.add(from, to, to - from);
  return to;
}

/** The first three characters of what issuers' tokens begin with. */
const BEGINNINGS = new Uint8Array(1 << 16);
for (const prefix of ["eyJ", ...PREFIXES])
  for (const third of prefix.length > 2 ? prefix.charAt(2) : "0123456789abcdef") {
    const [a = 0, b = 0, c = 0] = Buffer.from(prefix.slice(0, 2) + third);
    BEGINNINGS[mixed(a, b, c)] = 1;
  }
function mixed(a: number, b: number, c: number): number {
  return (a * 4093 + b * 251 + c * 17) & 0xffff;
}

function mayHavePrefix(from: number, to: number): boolean {
  const before = from > 0 ? (codes[from - 1] as number) : 0;
  const isJoined = before === DOT_CODE || before === SLASH || before === COLON_CODE;
  let [a, b] = [0, 0];
  for (let at = isJoined ? Math.max(0, from - BEFORE_RUN) : from; at < to; at++) {
    const c = codes[at] as number;
    if (BEGINNINGS[mixed(a, b, c)] === 1) return true;
    a = b;
    b = c;
  }
  return false;
}

function addNumbers(from: number, to: number, count: number): void {
  if (count < GROUPS || isTimestamp(from, to)) return;
  const kinds = groupsIn(codes, from, to);
  if (kinds & MAY_BE_PHONE) LISTS.groups.add(from, to, count);
  if (kinds & MAY_BE_CARD) LISTS.card.add(from, to, count);
  if (kinds & MAY_BE_NATIONAL) LISTS.national.add(from, to, count);
}

const TIMESTAMP = Buffer.from("0000-00-00 00:00:00.000000000");
const ENDS_TIMESTAMP = new Set([10, 16, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29]);

/** The commonest number of a log is no one's: 2026-11-20, with a time or without. */
function isTimestamp(from: number, to: number): boolean {
  if (codes[from + 4] !== HYPHEN_CODE || !ENDS_TIMESTAMP.has(to - from)) return false;
  for (let at = 0; at < to - from; at++) {
    const code = codes[from + at] as number;
    const wanted = TIMESTAMP[at] as number;
    if (wanted === ZERO) {
      if (CLASS[code] !== DIGIT) return false;
    } else if (code !== wanted && !(at === 10 && code === 84) && !(at === 19 && code === 44)) return false; // T or ,
  }
  return true;
}

/** Whether two of the chain are neighbours. */
let isDouble = false;
function addColons(from: number, to: number, count: number): void {
  if (isDouble || count >= COLONS) LISTS.colons.add(from, to, count);
  isDouble = false;
}

function addFrom(places: Places, least: number) {
  return (from: number, to: number, count: number): void => {
    if (count >= least) places.add(from, to, count);
  };
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isLetterOrDigit = (code: number): boolean => isLetter(code) || CLASS[code] === DIGIT;
/** The number of a French department may be 2A or 2B. */
const isNirLetter = (code: number): boolean => code === 65 || code === 66;
