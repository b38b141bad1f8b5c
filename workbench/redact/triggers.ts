/**
 * What a text must hold, and where, for a detector to match:
 * - `at`: an @; `scheme`: the colon of `://`; `data`: the colon of `data:`
 * - `digits`: so many ASCII digits of which neighbours are at most 4 apart; `numbers`: 7 of them and more
 * - `dots`, `colons`, `hyphens`: so many of one separator, neighbours at most 5 apart (dots: 2 to 4)
 * - `head`: two letters and two digits, as an IBAN begins
 * - `run`: so many letters, digits, _ and - without a break
 * - `text`: nothing in particular, the whole text is its spot
 */
export type Needs =
  | { readonly trigger: "at" | "scheme" | "data" | "head" | "digits" | "text" }
  | { readonly trigger: "numbers" | "run" | "dots" | "colons" | "hyphens"; readonly count: number };

/** Places of one trigger in a text, kept from text to text so that a short one costs no memory. */
export class Places {
  /** From, to and how many, three numbers a place; those from `length` on are of an earlier text. */
  readonly numbers: number[] = [];
  length = 0;
  /** The most of one place. */
  most = 0;

  add(from: number, to: number, count: number): void {
    this.numbers[this.length++] = from;
    this.numbers[this.length++] = to;
    this.numbers[this.length++] = count;
    if (count > this.most) this.most = count;
  }

  clear(): void {
    if (this.length > MOST_KEPT) this.numbers.length = 0;
    this.length = 0;
    this.most = 0;
  }
}
const MOST_KEPT = 1 << 16;

/** Where the triggers of all detectors are in one text. */
export type Triggers = { readonly [Trigger in Needs["trigger"]]: Places } & {
  /** False when the text has a character beyond ASCII. */
  ascii: boolean;
};

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

/** The least that makes a place. */
export const LONG_RUN = 15;
const LONG_NUMBER = 7;
const DIGIT_GAP = 4;
const LINK_GAP = 5;
const DOT_GAP = 4;
const FAR = -100;

/** Of the text that was read last. */
export const TRIGGERS: Triggers = {
  at: new Places(),
  scheme: new Places(),
  data: new Places(),
  head: new Places(),
  digits: new Places(),
  numbers: new Places(),
  run: new Places(),
  dots: new Places(),
  colons: new Places(),
  hyphens: new Places(),
  text: new Places(),
  ascii: true,
};
const LISTS = Object.values(TRIGGERS).filter((list) => list instanceof Places);

/**
 * The triggers of every detector in one text, until the next call. Two passes that skip most of it:
 * one stops at digits and signs only, one looks at every fifteenth character for long runs.
 */
export function triggersIn(text: string): Triggers {
  for (const list of LISTS) list.clear();
  TRIGGERS.text.add(0, text.length, text.length);
  TRIGGERS.ascii = read(text);
  findSigns(text);
  findRuns(text.length);
  return TRIGGERS;
}

function findSigns(text: string): void {
  const { length } = text;
  let [digitAt, digitsFrom, digits] = [FAR, 0, 0];
  let [dotAt, dotsFrom, dots] = [FAR, 0, 0];
  let [colonAt, colonsFrom, colons] = [FAR, 0, 0];
  let [hyphenAt, hyphensFrom, hyphens] = [FAR, 0, 0];
  for (let at = nextSign(0); at < length; at = nextSign(at + 1)) {
    const kind = CLASS[codes[at] as number] as number;
    if (kind === DIGIT) {
      if (at - digitAt > DIGIT_GAP) {
        addDigits(text, { from: digitsFrom, to: digitAt + 1, count: digits });
        digitsFrom = at;
        digits = 0;
      }
      if (digitAt !== at - 1 && isHead(at, length)) TRIGGERS.head.add(at - 2, at + 2, 1);
      digits++;
      digitAt = at;
    } else if (kind === HYPHEN) {
      if (at - hyphenAt > LINK_GAP) {
        if (hyphens > 1) TRIGGERS.hyphens.add(hyphensFrom, hyphenAt + 1, hyphens);
        hyphensFrom = at;
        hyphens = 0;
      }
      hyphens++;
      hyphenAt = at;
    } else if (kind === DOT) {
      if (at - dotAt > DOT_GAP || at - dotAt === 1) {
        if (dots > 2) TRIGGERS.dots.add(dotsFrom, dotAt + 1, dots);
        dotsFrom = at;
        dots = 0;
      }
      dots++;
      dotAt = at;
    } else if (kind === COLON) {
      if (codes[at + 1] === 47 && codes[at + 2] === 47) TRIGGERS.scheme.add(at, at + 1, 1);
      else if (at > 3 && codes[at - 1] === 97 && codes[at - 2] === 116) TRIGGERS.data.add(at, at + 1, 1);
      if (at - colonAt > LINK_GAP) {
        if (colons > 1) TRIGGERS.colons.add(colonsFrom, colonAt + 1, colons);
        colonsFrom = at;
        colons = 0;
      }
      colons++;
      colonAt = at;
    } else if (kind === AT) TRIGGERS.at.add(at, at + 1, 1);
  }
  addDigits(text, { from: digitsFrom, to: digitAt + 1, count: digits });
  if (dots > 2) TRIGGERS.dots.add(dotsFrom, dotAt + 1, dots);
  if (colons > 1) TRIGGERS.colons.add(colonsFrom, colonAt + 1, colons);
  if (hyphens > 1) TRIGGERS.hyphens.add(hyphensFrom, hyphenAt + 1, hyphens);
}

/** A run of fifteen has a character at one of every fifteen places. */
function findRuns(length: number): void {
  for (let at = LONG_RUN - 1; at < length; at += LONG_RUN) {
    if (IN_RUN[codes[at] as number] === 0) continue;
    let from = at;
    while (from > 0 && IN_RUN[codes[from - 1] as number] === 1) from--;
    while (IN_RUN[codes[at] as number] === 1) at++;
    if (at - from >= LONG_RUN) TRIGGERS.run.add(from, at, at - from);
  }
}

// The text in bytes, until the next call; what is beyond ASCII is 0. After its end stands an @, which stops every search.
let codes = new Uint8Array(1 << 16);
let fours = new Int32Array(codes.buffer);
let bytes = Buffer.from(codes.buffer);
const PAST_END = 8;
/** So many are read faster one by one. */
const FEW = 24;

/** Reads a text into `codes`; whether it is ASCII. */
function read(text: string): boolean {
  const { length } = text;
  if (length + PAST_END > codes.length) {
    codes = new Uint8Array(((2 * length + PAST_END) >> 2) << 2);
    fours = new Int32Array(codes.buffer);
    bytes = Buffer.from(codes.buffer);
  }
  let isAscii = length > FEW && bytes.write(text, 0) === length;
  if (!isAscii) {
    isAscii = true;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) isAscii = false;
      codes[at] = code > 127 ? 0 : code;
    }
  }
  codes[length] = 64;
  return isAscii;
}

/** The next of `-./0123456789:;<=>?@`, four characters at a step; the text's length or more when there is none. */
function nextSign(from: number): number {
  let at = from;
  for (; (at & 3) !== 0; at++) if (isSign(codes[at] as number)) return at;
  let four = at >> 2;
  while (!haveSign(fours[four] as number)) four++;
  at = four << 2;
  while (!isSign(codes[at] as number)) at++;
  return at;
}

const isSign = (code: number): boolean => code >= 45 && code <= 64;

/** Four ASCII characters in one number: a sum's high bit says whether a character reaches 45, or 65. */
const haveSign = (four: number): boolean => (((four + 0x53535353) ^ (four + 0x3f3f3f3f)) & 0x80808080) !== 0;

// The commonest number of a log is no one's.
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?$/;

function addDigits(
  text: string,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): void {
  if (count === 0) return;
  TRIGGERS.digits.add(from, to, count);
  if (count >= LONG_NUMBER && !(codes[from + 4] === 45 && TIMESTAMP.test(text.slice(from, to))))
    TRIGGERS.numbers.add(from, to, count);
}

/** Two letters stand before this digit, which another digit follows. */
function isHead(at: number, length: number): boolean {
  if (at < 2 || at + 1 >= length || CLASS[codes[at + 1] as number] !== DIGIT) return false;
  return isLetter(codes[at - 1] as number) && isLetter(codes[at - 2] as number);
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
