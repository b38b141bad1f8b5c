import type { Score } from "../../schema/run.ts";
import { sum } from "../../stats/sum.ts";
import type { Scored, Scorer } from "../types.ts";
import { defineScorer, unscored, type ScorerOptions } from "./define.ts";
import { parseAnswer } from "./json.ts";

/** A ranking's documents, best first, and how relevant each judged document is. */
interface Judged {
  readonly ranked: readonly string[];
  readonly relevance: ReadonlyMap<string, number>;
}

export interface NdcgOptions extends ScorerOptions {
  /** `linear` (default): the grade itself. `exponential`: 2^grade − 1. */
  readonly gain?: "linear" | "exponential";
}

/**
 * Retrieval scorers. The answer is a JSON list of document ids, best first; `expected` maps ids to
 * grades (0 is not relevant) or lists the relevant ids. A document that comes twice counts once, where
 * it comes first. Nothing relevant at all is unscored.
 *
 * When to use: a ranking with judged documents.
 * When not to use: a pool that nobody judged: what is not judged counts as not relevant.
 * Source: Järvelin & Kekäläinen 2002, as trec_eval computes it: DCG = Σ gain/log₂(rank + 1), divided
 * by that of the ideal order of all judged documents.
 * Worked value: grades 3, 2, 3, 0, 1, 2 in the order given: ndcg(6) is 0.961.
 */
export function ndcg(k: number, options: NdcgOptions = {}): Scorer {
  const { gain = "linear", ...rest } = options;
  const gainOf = (grade: number): number => (gain === "linear" ? grade : 2 ** grade - 1);
  return retrieval({ name: "ndcg", k, args: { gain }, options: rest }, ({ ranked, relevance }) => {
    const dcg = (grades: readonly number[]): number =>
      sum(grades.slice(0, k).map((grade, i) => gainOf(grade) / Math.log2(i + 2)));
    const ideal = [...relevance.values()].sort((a, b) => b - a);
    return dcg(ranked.map((id) => relevance.get(id) ?? 0)) / dcg(ideal);
  });
}

/** Share of all relevant documents among the first k. Worked value: 2 of 4 relevant ones found is 0.5. */
export function recallAt(k: number, options: ScorerOptions = {}): Scorer {
  return retrieval(
    { name: "recallAt", k, args: {}, options },
    (judged) => hits(judged, k) / relevantCount(judged),
  );
}

/** Relevant ones among the first k, divided by k also where fewer came. Worked value: 2 in the first 5 is 0.4. */
export function precisionAt(k: number, options: ScorerOptions = {}): Scorer {
  return retrieval({ name: "precisionAt", k, args: {}, options }, (judged) => hits(judged, k) / k);
}

/** 1 over the rank of the first relevant document, 0 if none is among the first k. Worked value: rank 4 is 0.25. */
export function mrr(k = 1000, options: ScorerOptions = {}): Scorer {
  return retrieval({ name: "mrr", k, args: {}, options }, ({ ranked, relevance }) => {
    const first = ranked.slice(0, k).findIndex((id) => (relevance.get(id) ?? 0) > 0);
    return first < 0 ? 0 : 1 / (first + 1);
  });
}

interface RetrievalSpec {
  readonly name: string;
  readonly k: number;
  readonly args: object;
  readonly options: ScorerOptions;
}

function retrieval({ name, k, args, options }: RetrievalSpec, measure: (judged: Judged) => number): Scorer {
  const as = name === "mrr" ? name : `${name.replace(/At$/, "")}@${k}`;
  const spec = { name, version: 1, args: { ...args, k }, options: { as, ...options }, threshold: 0.5 };
  return defineScorer(spec, (it): Score => {
    const relevance = relevanceOf(it.expected);
    if (relevance === null) return unscored("`expected` neither maps documents to grades nor lists them");
    const judged = { ranked: rankedOf(it), relevance };
    if (relevantCount(judged) === 0) return unscored("nothing is relevant to this query");
    return { value: measure(judged) };
  });
}

function rankedOf({ output }: Scored): readonly string[] {
  const parsed = parseAnswer(output);
  const list = parsed.ok && Array.isArray(parsed.value) ? parsed.value : output.split("\n");
  const ids = list.map((id) => (typeof id === "string" ? id.trim() : JSON.stringify(id)));
  return [...new Set(ids.filter((id) => id !== ""))];
}

function relevanceOf(expected: unknown): ReadonlyMap<string, number> | null {
  if (Array.isArray(expected)) return new Map(expected.map((id) => [String(id), 1]));
  if (typeof expected !== "object" || expected === null) return null;
  const entries = Object.entries(expected);
  return entries.every(([, grade]) => typeof grade === "number" && grade >= 0)
    ? new Map(entries as [string, number][])
    : null;
}

const hits = ({ ranked, relevance }: Judged, k: number): number =>
  ranked.slice(0, k).filter((id) => (relevance.get(id) ?? 0) > 0).length;

const relevantCount = ({ relevance }: Judged): number =>
  [...relevance.values()].filter((grade) => grade > 0).length;
