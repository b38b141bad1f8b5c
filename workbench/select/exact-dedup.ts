import { digestOf } from "../schema/canonical.ts";
import type { Candidate } from "./candidate.ts";
import { answersOf, contentOf } from "./candidate.ts";
import type { Removal, Sieved } from "./funnel.ts";
import { removal } from "./sieve.ts";
import { byText } from "./text.ts";

/** The name of what a row would teach: equal for rows with the same folded turns and tool calls. */
export function contentKey(candidate: Candidate): string {
  return digestOf([
    contentOf(candidate.prompt),
    contentOf(answersOf(candidate).map((answer) => answer.turn)),
  ]);
}

/** The name of the question alone. */
export function promptKey(candidate: Candidate): string {
  return digestOf(contentOf(candidate.prompt));
}

/** Keeps one row of each content: the best score, then the lowest row_key. */
export function exactDedup(candidates: readonly Candidate[]): Sieved<Candidate> {
  const best = new Map<string, Candidate>();
  const keys = candidates.map(contentKey);
  candidates.forEach((candidate, at) => {
    const key = keys[at] ?? "";
    const rival = best.get(key);
    if (!rival || isBetter(candidate, rival)) best.set(key, candidate);
  });
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  candidates.forEach((candidate, at) => {
    const winner = best.get(keys[at] ?? "");
    if (winner === undefined || winner === candidate) kept.push(candidate);
    else
      removed.push(
        removal(candidate, { rule: "exact", detail: "the same turns, after folding white space" }, winner),
      );
  });
  return { kept, removed };
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const difference = topScore(a) - topScore(b);
  return difference > 0 || (difference === 0 && byText(a.key, b.key) < 0);
}

function topScore(candidate: Candidate): number {
  return Math.max(...answersOf(candidate).map((answer) => answer.score.value));
}
