import type { Detector, Span } from "./detector.ts";
import { lower } from "./detector.ts";

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;

/**
 * Names, addresses, customer ids from the user's lists: whole words, as written, in capitals, or
 * with a capital first letter. One scan over the words whatever the length of the lists.
 */
export function namesDetector(entries: readonly string[]): Detector {
  const byFirstWord = new Map<string, string[]>();
  for (const entry of entries.map((line) => line.trim()).filter((line) => line !== "")) {
    const first = entry.match(WORD)?.[0];
    if (first === undefined) continue;
    for (const spelling of new Set([entry, entry.toUpperCase(), capitalised(entry)])) {
      const key = spelling.match(WORD)?.[0] ?? "";
      byFirstWord.set(key, [...(byFirstWord.get(key) ?? []), spelling]);
    }
  }
  return {
    kind: "NAME",
    needs: byFirstWord.size === 0 ? {} : { chars: "\\p{L}\\p{N}" },
    normalise: lower,
    find: (text) => (byFirstWord.size === 0 ? [] : findNames(text, byFirstWord)),
  };
}

function findNames(text: string, byFirstWord: ReadonlyMap<string, readonly string[]>): Span[] {
  const spans: Span[] = [];
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const candidates = beginnings(word).flatMap((part) => byFirstWord.get(part) ?? []);
    const longest = candidates
      .filter(
        (name) => text.startsWith(name, index) && !/[\p{L}\p{N}]/u.test(text[index + name.length] ?? ""),
      )
      .reduce((best, name) => Math.max(best, name.length), 0);
    if (longest > 0) spans.push({ start: index, end: index + longest });
  }
  return spans;
}

const capitalised = (text: string): string =>
  text.replace(/(?<![\p{L}])\p{L}/gu, (letter) => letter.toUpperCase());

/** "O'Brien's" is also "O'Brien": a word, and what stands before each of its apostrophes and hyphens. */
function beginnings(word: string): readonly string[] {
  return [word, ...[...word.matchAll(/['’-]/g)].map(({ index }) => word.slice(0, index))];
}
