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

/** Places of one trigger in a text: from, to and how many, three numbers a place. */
export type Places = number[];

/** Where the triggers of all detectors are in one text. */
export type Triggers = { readonly [Trigger in Needs["trigger"]]: Places } & {
  /** False when the text has a character beyond ASCII. */
  ascii: boolean;
};

const LETTER = 0;
const BREAK = 1;
const DIGIT = 2;
const DOT = 3;
const COLON = 4;
const HYPHEN = 5;
const AT = 6;
const CLASS = new Uint8Array(1 << 16).fill(BREAK);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") CLASS[letter.charCodeAt(0)] = LETTER; // prettier-ignore
for (const digit of "0123456789") CLASS[digit.charCodeAt(0)] = DIGIT;
for (let sign = 0; sign < 4; sign++) CLASS[".:-@".charCodeAt(sign)] = DOT + sign;

/** The least that makes a place. */
export const LONG_RUN = 15;
const LONG_NUMBER = 7;
const DIGIT_GAP = 4;
const LINK_GAP = 5;
const DOT_GAP = 4;
const FAR = -100;

/**
 * One pass over a text finds the triggers of every detector, where each pattern alone would take as
 * long or longer. Most characters are letters and cost one table look-up.
 */
export function triggersIn(text: string): Triggers {
  const found = noTriggers();
  const { length } = text;
  const codes = codesOf(text);
  let ascii = true;
  let breakAt = -1; // the last character that ends a run
  let [digitAt, digitsFrom, digits] = [FAR, 0, 0];
  let [dotAt, dotsFrom, dots] = [FAR, 0, 0];
  let [colonAt, colonsFrom, colons] = [FAR, 0, 0];
  let [hyphenAt, hyphensFrom, hyphens] = [FAR, 0, 0];
  for (let at = 0; at < length; at++) {
    const code = codes[at] as number;
    const kind = CLASS[code] as number;
    if (kind === LETTER) continue;
    if (kind === DIGIT) {
      if (at - digitAt > DIGIT_GAP) {
        addDigits(found, text, { from: digitsFrom, to: digitAt + 1, count: digits });
        digitsFrom = at;
        digits = 0;
      }
      if (digitAt !== at - 1 && isHead(codes, at, length)) found.head.push(at - 2, at + 2, 1);
      digits++;
      digitAt = at;
    } else if (kind === HYPHEN) {
      if (at - hyphenAt > LINK_GAP) {
        if (hyphens > 1) found.hyphens.push(hyphensFrom, hyphenAt + 1, hyphens);
        hyphensFrom = at;
        hyphens = 0;
      }
      hyphens++;
      hyphenAt = at;
    } else {
      if (at - breakAt > LONG_RUN) found.run.push(breakAt + 1, at, at - breakAt - 1);
      breakAt = at;
      if (kind === BREAK) {
        if (code > 127) ascii = false;
      } else if (kind === DOT) {
        if (at - dotAt > DOT_GAP || at - dotAt === 1) {
          if (dots > 2) found.dots.push(dotsFrom, dotAt + 1, dots);
          dotsFrom = at;
          dots = 0;
        }
        dots++;
        dotAt = at;
      } else if (kind === COLON) {
        if (codes[at + 1] === 47 && codes[at + 2] === 47) found.scheme.push(at, at + 1, 1);
        else if (at > 3 && codes[at - 1] === 97 && codes[at - 2] === 116) found.data.push(at, at + 1, 1);
        if (at - colonAt > LINK_GAP) {
          if (colons > 1) found.colons.push(colonsFrom, colonAt + 1, colons);
          colonsFrom = at;
          colons = 0;
        }
        colons++;
        colonAt = at;
      } else if (kind === AT) found.at.push(at, at + 1, 1);
    }
  }
  if (length - breakAt > LONG_RUN) found.run.push(breakAt + 1, length, length - breakAt - 1);
  addDigits(found, text, { from: digitsFrom, to: digitAt + 1, count: digits });
  if (dots > 2) found.dots.push(dotsFrom, dotAt + 1, dots);
  if (colons > 1) found.colons.push(colonsFrom, colonAt + 1, colons);
  if (hyphens > 1) found.hyphens.push(hyphensFrom, hyphenAt + 1, hyphens);
  found.text.push(0, length, length);
  found.ascii = ascii;
  return found;
}

let codeUnits = new Uint16Array(1 << 16);
let bytes = Buffer.from(codeUnits.buffer);

/** The text's code units, until the next call. Reading them from an array is twice as fast as from a text. */
function codesOf(text: string): Uint16Array {
  if (text.length + 2 > codeUnits.length) {
    codeUnits = new Uint16Array(2 * text.length + 2);
    bytes = Buffer.from(codeUnits.buffer);
  }
  if (text.length > 100) bytes.write(text, 0, "utf16le");
  else for (let at = 0; at < text.length; at++) codeUnits[at] = text.charCodeAt(at);
  codeUnits[text.length] = 0;
  codeUnits[text.length + 1] = 0;
  return codeUnits;
}

const noTriggers = (): Triggers => ({
  at: [],
  scheme: [],
  data: [],
  head: [],
  digits: [],
  numbers: [],
  run: [],
  dots: [],
  colons: [],
  hyphens: [],
  text: [],
  ascii: true,
});

// The commonest number of a log is no one's.
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?$/;

function addDigits(
  { digits, numbers }: Triggers,
  text: string,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): void {
  if (count === 0) return;
  digits.push(from, to, count);
  if (count >= LONG_NUMBER && !(text.charAt(from + 4) === "-" && TIMESTAMP.test(text.slice(from, to))))
    numbers.push(from, to, count);
}

/** Two letters stand before this digit, which another digit follows. */
function isHead(codes: Uint16Array, at: number, length: number): boolean {
  if (at < 2 || at + 1 >= length || CLASS[codes[at + 1] as number] !== DIGIT) return false;
  return isLetter(codes[at - 1] as number) && isLetter(codes[at - 2] as number);
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
