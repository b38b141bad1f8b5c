import { Links, Places } from "./places.ts";

/**
 * What a text must hold, and where, for a detector to match:
 * - `at`: an @ or `%40`; `host`: digits after `ip-`; `scheme`: the colon of `://`; `data`: the colon of `data:`
 * - `digits`: ASCII digits of which neighbours are at most 4 apart; a letter right before one, but A or B, ends them
 * - `numbers`: so many of them, 7 and more
 * - `dots`: so many dots after a digit, neighbours 2 to 4 apart; `quads`: two dots with four characters between
 * - `colons`: so many, neighbours at most 5 apart
 * - `hyphens`: so many, neighbours at most 3 apart
 * - `head`: two letters and two digits, as an IBAN begins
 * - `run`: so many letters, digits, _ and - without a break
 * - `text`: nothing in particular, the whole text is its spot
 */
export type Needs =
  | { readonly trigger: "at" | "host" | "scheme" | "data" | "head" | "digits" | "quads" | "text" }
  | { readonly trigger: "numbers" | "run" | "dots" | "colons" | "hyphens"; readonly count: number };

/** Where the triggers of all detectors are in one text. */
export type Triggers = { readonly [Trigger in Needs["trigger"]]: Places } & {
  /** False when the text has a character beyond ASCII. */
  ascii: boolean;
};

/** Of the text that was read last. */
export const TRIGGERS: Triggers = {
  at: new Places(),
  host: new Places(),
  scheme: new Places(),
  data: new Places(),
  head: new Places(),
  digits: new Places(),
  numbers: new Places(),
  run: new Places(),
  dots: new Places(),
  quads: new Places(),
  colons: new Places(),
  hyphens: new Places(),
  text: new Places(),
  ascii: true,
};
const LISTS = Object.values(TRIGGERS).filter((list) => list instanceof Places);

/** The least that makes a place. */
export const LONG_RUN = 15;
const LONG_NUMBER = 7;

const digits = new Links({ nearest: 1, farthest: 4 }, addDigits);
const dots = new Links({ nearest: 2, farthest: 4 }, addFrom(TRIGGERS.dots, 3));
const colons = new Links({ nearest: 1, farthest: 5 }, addFrom(TRIGGERS.colons, 2));
const hyphens = new Links({ nearest: 1, farthest: 3 }, addFrom(TRIGGERS.hyphens, 5));
const LINKS = [digits, dots, colons, hyphens];

const DOT_CODE = 46;
const PERCENT = 37;
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

/** The triggers of every detector in one text, until the next call. */
export function triggersIn(text: string): Triggers {
  return triggersOf(text.length, read(text));
}

/** Of an ASCII text that lies at [from, to) of `source`. */
export function triggersInAscii(source: Uint8Array, from: number, to: number): Triggers {
  makeRoom(to - from);
  codes.set(source.subarray(from, to));
  endAt(to - from);
  return triggersOf(to - from, true);
}

/** Of what was read into `codes`. */
function triggersOf(length: number, ascii: boolean): Triggers {
  for (const list of LISTS) list.clear();
  TRIGGERS.text.add(0, length, length);
  TRIGGERS.ascii = ascii;
  scan(length);
  for (const links of LINKS) links.end();
  return TRIGGERS;
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
  for (let at = 0; at < end; at++) {
    const four = fours[at] as number;
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
    if (codes[at + 5] === DOT_CODE) TRIGGERS.quads.add(at, at + 6, 1);
    if (at > 0 && CLASS[codes[at - 1] as number] === DIGIT) dots.add(at, at + 1);
  } else if (kind === HYPHEN) hyphens.add(at, at + 1);
  else if (kind === AT) TRIGGERS.at.add(at, at + 1, 1);
  else if (kind === COLON) {
    if (codes[at + 1] === 47 && codes[at + 2] === 47) TRIGGERS.scheme.add(at, at + 1, 1);
    else if (at > 3 && codes[at - 1] === 97 && codes[at - 2] === 116) TRIGGERS.data.add(at, at + 1, 1);
    colons.add(at, at + 1);
  }
}

/** Adds the digits that follow each other from `at`. */
function addDigitsFrom(at: number): void {
  let to = at + 1;
  while (CLASS[codes[to] as number] === DIGIT) to++;
  if (at > 1 && isLetter(codes[at - 1] as number)) {
    if (to - at > 1 && isLetter(codes[at - 2] as number)) TRIGGERS.head.add(at - 2, at + 2, 1);
    if (!isNirLetter(codes[at - 1] as number)) digits.end();
  }
  digits.add(at, to);
  if (at > 2 && codes[at - 1] === 45 && codes[at - 2] === 112 && codes[at - 3] === 105)
    TRIGGERS.host.add(at, to, 1); // ip-
  if (at > 0 && codes[at - 1] === PERCENT && codes[at] === 52 && codes[at + 1] === 48)
    TRIGGERS.at.add(at - 1, at + 2, 1);
}

/** Adds the run around `at` if it is a long one; where it ends. */
function addRun(at: number): number {
  let [from, to] = [at, at];
  while (from > 0 && IN_RUN[codes[from - 1] as number] === 1) from--;
  while (IN_RUN[codes[to] as number] === 1) to++;
  if (to - from >= LONG_RUN) TRIGGERS.run.add(from, to, to - from);
  return to;
}

// The text in bytes, until the next call; what is beyond ASCII is 0, and so is what follows its end.
let codes = new Uint8Array(1 << 16);
let fours = new Int32Array(codes.buffer);
let bytes = Buffer.from(codes.buffer);
const PAST_END = 8;
/** So many are read faster one by one. */
const FEW = 24;

/** Reads a text into `codes`; whether it is ASCII. */
function read(text: string): boolean {
  const { length } = text;
  makeRoom(length);
  let isAscii = length > FEW && bytes.write(text, 0) === length;
  if (!isAscii) {
    isAscii = true;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) isAscii = false;
      codes[at] = code > 127 ? 0 : code;
    }
  }
  endAt(length);
  return isAscii;
}

function makeRoom(length: number): void {
  if (length + PAST_END <= codes.length) return;
  codes = new Uint8Array(((2 * length + PAST_END) >> 2) << 2);
  fours = new Int32Array(codes.buffer);
  bytes = Buffer.from(codes.buffer);
}

function endAt(length: number): void {
  for (let at = length; at < length + PAST_END; at++) codes[at] = 0;
}

// The commonest number of a log is no one's.
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?$/;

function addDigits(from: number, to: number, count: number): void {
  TRIGGERS.digits.add(from, to, count);
  if (count < LONG_NUMBER) return;
  if (codes[from + 4] === 45 && TIMESTAMP.test(bytes.toString("latin1", from, to))) return;
  TRIGGERS.numbers.add(from, to, count);
}

function addFrom(places: Places, least: number) {
  return (from: number, to: number, count: number): void => {
    if (count >= least) places.add(from, to, count);
  };
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
/** The number of a French department may be 2A or 2B. */
const isNirLetter = (code: number): boolean => code === 65 || code === 66;
