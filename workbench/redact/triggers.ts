import { AT, COLON, DIGIT, DOT, HYPHEN, KIND } from "./characters.ts";
import { codes, fours, readText } from "./codes.ts";
import { addDigitsFrom, digits } from "./number-triggers.ts";
import type { Places } from "./places.ts";
import { Links } from "./places.ts";
import { addRun } from "./prefixed-runs.ts";
import { TRIGGERS, clearTriggers } from "./trigger-places.ts";

const DOT_CODE = 46;
const COLON_CODE = 58;
const COLONS = 5;

const dots = new Links({ nearest: 2, farthest: 4 }, addFrom(TRIGGERS.dots, 3));
const colons = new Links({ nearest: 1, farthest: 5 }, addColons);
const hyphens = new Links({ nearest: 3, farthest: 3 }, addFrom(TRIGGERS.hyphens, 5));
const LINKS = [digits, dots, colons, hyphens];

/** Reads a text for the triggers of every detector, until the next call; whether it is ASCII. */
export function triggersIn(text: string): boolean {
  const { length } = text;
  const isAscii = readText(text);
  clearTriggers();
  TRIGGERS.text.add(0, length, length);
  scan(length);
  for (const links of LINKS) links.end();
  if (TRIGGERS.at.length === 0) TRIGGERS.scheme.clear();
  return isAscii;
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
    const kind = KIND[codes[at] as number] as number;
    if (kind === DIGIT) {
      if (at === 0 || KIND[codes[at - 1] as number] !== DIGIT) addDigitsFrom(at);
    } else if (kind > DIGIT) addSign(kind, at);
  }
}

function addSign(kind: number, at: number): void {
  if (kind === DOT) {
    if (codes[at + 5] === DOT_CODE) TRIGGERS.quads.add(at, at + 6, 1);
    if (at > 0 && KIND[codes[at - 1] as number] === DIGIT) dots.add(at, at + 1);
  } else if (kind === HYPHEN) {
    hyphens.add(at, at + 1);
    if (codes[at + 1] === 66 && codes[at + 2] === 69 && at > 3) TRIGGERS.pem.add(at - 4, at + 1, 1); // BE
  } else if (kind === AT) TRIGGERS.at.add(at, at + 1, 1);
  else if (kind === COLON) {
    if (codes[at + 1] === 47 && codes[at + 2] === 47) TRIGGERS.scheme.add(at, at + 1, 1);
    else if (at > 3 && codes[at - 1] === 97 && codes[at - 2] === 116) TRIGGERS.data.add(at, at + 1, 1);
    colons.add(at, at + 1);
    if (codes[at + 1] === COLON_CODE) isDouble = true;
  }
}

/** Whether two of the chain are neighbours. */
let isDouble = false;
function addColons(from: number, to: number, count: number): void {
  if (isDouble || count >= COLONS) TRIGGERS.colons.add(from, to, count);
  isDouble = false;
}

function addFrom(places: Places, least: number) {
  return (from: number, to: number, count: number): void => {
    if (count >= least) places.add(from, to, count);
  };
}
