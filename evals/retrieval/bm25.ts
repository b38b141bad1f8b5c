// Writes the recorded rankings of the retrieval suite: `node evals/retrieval/bm25.ts`. The baseline is BM25 over
// titles and texts; the candidate the same with word endings cut off and titles counted three times.
// Source: Robertson & Zaragoza 2009, k1 = 1.2, b = 0.75, idf = ln(1 + (N − n + 0.5)/(n + 0.5)).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CORPUS } from "./corpus.ts";

const DATA = join(import.meta.dirname, "../data");
const [K1, B] = [1.2, 0.75];

interface Analysis {
  readonly stem: (word: string) => string;
  readonly titles: number;
}

export const PLAIN: Analysis = { stem: (word) => word, titles: 1 };
export const STEMMED: Analysis = {
  stem: (word) => word.replace(/(?:ing|ies|ed|es|s|e|y)$/, "").replace(/(.)\1$/, "$1"),
  titles: 3,
};

/** Ids of documents with any of the query's words, best first; equal scores by id. */
export function rank(query: string, { stem, titles }: Analysis): readonly string[] {
  const words = (text: string): string[] => (text.toLowerCase().match(/[a-z]+/g) ?? []).map(stem);
  const documents = CORPUS.map(({ id, title, text }) => ({
    id,
    words: [...Array.from({ length: titles }, () => words(title)).flat(), ...words(text)],
  }));
  const mean = documents.reduce((sum, one) => sum + one.words.length, 0) / documents.length;
  const scores = documents.map(({ id, words: all }) => {
    let score = 0;
    for (const word of new Set(words(query))) {
      const having = documents.filter((other) => other.words.includes(word)).length;
      const count = all.filter((one) => one === word).length;
      const idf = Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
      score += (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * all.length) / mean));
    }
    return { id, score };
  });
  return scores
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, 10)
    .map(({ id }) => id);
}

export function rankings(analysis: Analysis): string {
  const rows = readFileSync(join(DATA, "retrieval.jsonl"), "utf8").trimEnd().split("\n");
  return rows
    .map((line) => JSON.parse(line) as { id: string; input: { query: string } })
    .map(
      ({ id, input }) => `${JSON.stringify({ id, output: JSON.stringify(rank(input.query, analysis)) })}\n`,
    )
    .join("");
}

if (import.meta.main) {
  writeFileSync(join(DATA, "retrieval-bm25.jsonl"), rankings(PLAIN));
  writeFileSync(join(DATA, "retrieval-stemmed.jsonl"), rankings(STEMMED));
}
