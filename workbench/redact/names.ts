import type { Detector, EntityKind, Span } from "./detector.ts";
import { lower } from "./detector.ts";

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;
const WORD_HERE = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/uy;

/**
 * Names, addresses, customer ids from the user's lists: whole words, as written, in capitals, or
 * with a capital first letter. One scan over the words whatever the length of the lists.
 */
export function listDetector(kind: EntityKind, entries: readonly string[]): Detector {
  const byFirstWord = new Map<string, string[]>();
  const beginnings = new Uint8Array(1 << 16);
  for (const entry of entries.map((line) => line.trim()).filter((line) => line !== "")) {
    const first = entry.match(WORD)?.[0];
    if (first === undefined) continue;
    for (const spelling of new Set([entry, entry.toUpperCase(), capitalised(entry)])) {
      const key = spelling.match(WORD)?.[0] ?? "";
      byFirstWord.set(key, [...(byFirstWord.get(key) ?? []), spelling]);
      beginnings[beginningOf(key, 0)] = 1;
    }
  }
  return {
    kind,
    needs: { trigger: "text" },
    normalise: lower,
    find: ({ text }) => (byFirstWord.size === 0 ? [] : findNames(text, byFirstWord, beginnings)),
  };
}

const IN_WORD = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
  IN_WORD[char.charCodeAt(0)] = 1;
const isInWord = (code: number): boolean => code > 127 || IN_WORD[code] === 1;

/** The first two characters of a word in 16 bits: most words of a text begin as no listed word does. */
function beginningOf(text: string, at: number): number {
  const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return ((text.charCodeAt(at) * 251) ^ (isInWord(second) ? second : 0)) & 0xffff;
}

function findNames(
  text: string,
  byFirstWord: ReadonlyMap<string, readonly string[]>,
  beginnings: Uint8Array,
): Span[] {
  const spans: Span[] = [];
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const begins = !inWord && isInWord(code);
    // Beyond ASCII a character may be a letter or a dash: a word may begin after any of them.
    inWord = code <= 127 && IN_WORD[code] === 1;
    if (!begins || beginnings[beginningOf(text, at)] === 0) continue;
    WORD_HERE.lastIndex = at;
    const word = WORD_HERE.exec(text)?.[0];
    if (word === undefined || /[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) continue;
    const candidates = wordsOf(word).flatMap((part) => byFirstWord.get(part) ?? []);
    spans.push(...nameAt(text, at, candidates));
  }
  return spans;
}

function nameAt(text: string, start: number, candidates: readonly string[]): Span[] {
  const longest = candidates
    .filter((name) => text.startsWith(name, start) && !/[\p{L}\p{N}]/u.test(text[start + name.length] ?? ""))
    .reduce((best, name) => Math.max(best, name.length), 0);
  return longest > 0 ? [{ start, end: start + longest }] : [];
}

const capitalised = (text: string): string =>
  text.replace(/(?<![\p{L}])\p{L}/gu, (letter) => letter.toUpperCase());

/** "O'Brien's" is also "O'Brien": a word, and what stands before each of its apostrophes and hyphens. */
function wordsOf(word: string): readonly string[] {
  return [word, ...[...word.matchAll(/['’-]/g)].map(({ index }) => word.slice(0, index))];
}
