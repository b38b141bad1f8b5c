import { digestOf } from "../schema/canonical.ts";
import type { PairSettings } from "../schema/dataset-definition.ts";
import type { Answer, Candidate } from "./candidate.ts";
import { contentOf } from "./candidate.ts";
import { promptKey } from "./exact-dedup.ts";
import type { Removal, Sieved } from "./funnel.ts";
import { removal } from "./sieve.ts";

/** Two answers to one prompt, of which the first is better, and the interactions they came from. */
export interface PairCandidate {
  /** Orders pairs: the keys of the chosen and the rejected row, and the source. */
  readonly key: string;
  readonly prompt: string;
  readonly source: "correction" | "rated" | "reward";
  readonly chosen: Answer;
  readonly rejected: Answer;
  readonly chosenRow: Candidate;
  readonly rejectedRow: Candidate;
  /** chosen − rejected, in points of score (of reward for `reward` pairs). */
  readonly margin: number;
}

/**
 * C7: every pair the candidates offer. `correction`: what a person wrote against what the model
 * said. `rated`: an answer scored at least `good` against one at most `bad`, same prompt. `reward`:
 * likewise by reward. A pair found twice keeps its first source.
 */
export function offerPairs(
  candidates: readonly Candidate[],
  settings: PairSettings,
): readonly PairCandidate[] {
  const byPrompt = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = promptKey(candidate);
    const group = byPrompt.get(key);
    if (group) group.push(candidate);
    else byPrompt.set(key, [candidate]);
  }
  const pairs: PairCandidate[] = [];
  for (const [prompt, group] of byPrompt)
    for (const source of settings.from) pairs.push(...pairsOf(source, prompt, { group, settings }));
  const first = new Map<string, PairCandidate>();
  for (const pair of pairs) {
    const name = digestOf([prompt(pair), contentOf([pair.chosen.turn, pair.rejected.turn]), rows(pair)]);
    if (!first.has(name)) first.set(name, pair);
  }
  return [...first.values()];
}

const prompt = (pair: PairCandidate): string => pair.prompt;
const rows = (pair: PairCandidate): readonly string[] => [pair.chosenRow.key, pair.rejectedRow.key];

function pairsOf(
  source: PairCandidate["source"],
  prompt: string,
  { group, settings }: { readonly group: readonly Candidate[]; readonly settings: PairSettings },
): readonly PairCandidate[] {
  if (source === "correction")
    return group.flatMap((row) =>
      row.correction
        ? [pairOf({ source, prompt, chosenRow: row, rejectedRow: row, chosen: row.correction })]
        : [],
    );
  const value = (row: Candidate): number | null =>
    source === "rated" ? row.original.score.value : row.reward.total;
  const [high, low] =
    source === "rated"
      ? [(v: number) => v >= settings.good, (v: number) => v <= settings.bad]
      : [(v: number) => v > settings.rewardAbove, (v: number) => v < settings.rewardBelow];
  const where = (test: (v: number) => boolean): readonly Candidate[] =>
    group.filter((row) => {
      const v = value(row);
      return v !== null && test(v);
    });
  const bad = where(low);
  return where(high).flatMap((chosenRow) =>
    bad.flatMap((rejectedRow) =>
      chosenRow === rejectedRow
        ? []
        : [pairOf({ source, prompt, chosenRow, rejectedRow, chosen: chosenRow.original })],
    ),
  );
}

function pairOf(parts: Omit<PairCandidate, "key" | "margin" | "rejected">): PairCandidate {
  const { source, chosen, chosenRow, rejectedRow } = parts;
  const rejected = rejectedRow.original;
  const margin =
    source === "reward"
      ? (chosenRow.reward.total ?? 0) - (rejectedRow.reward.total ?? 0)
      : chosen.score.value - rejected.score.value;
  return { ...parts, rejected, margin, key: `${chosenRow.key} ${rejectedRow.key} ${source}` };
}

/** Which interactions are part of an offered pair; the others leave here. */
export function pairable(
  candidates: readonly Candidate[],
  pairs: readonly PairCandidate[],
): Sieved<Candidate> {
  const used = new Set(pairs.flatMap((pair) => [pair.chosenRow.key, pair.rejectedRow.key]));
  const removed: Removal[] = [];
  const kept = candidates.filter((candidate) => {
    if (used.has(candidate.key)) return true;
    const detail = "no correction, and no other answer to the same prompt that is clearly better or worse";
    removed.push(removal(candidate, { rule: "no-counterpart", detail }));
    return false;
  });
  return { kept, removed };
}
