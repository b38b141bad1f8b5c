import type { NearDedupSettings } from "../schema/dataset-definition.ts";
import type { Candidate } from "./candidate.ts";
import { answersOf, readableText } from "./candidate.ts";
import { promptKey } from "./exact-dedup.ts";
import type { Removal, Sieved } from "./funnel.ts";
import type { NearDuplicates } from "./near-duplicates.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { removal } from "./sieve.ts";

/** Clusters of near duplicates among candidates sorted by key, so that index 0 of each is the lowest. */
export interface Clusters {
  readonly members: readonly (readonly Candidate[])[];
  readonly found: NearDuplicates;
}

/**
 * sft compares question and answer. Preference data compares questions alone: a long prompt with
 * two short answers is one prompt with two answers, which is what pairs are made of.
 */
export function clustersOf(candidates: readonly Candidate[], settings: NearDedupSettings): Clusters {
  const texts = candidates.map((candidate) =>
    readableText(
      candidate.target
        ? [...candidate.prompt, ...answersOf(candidate).map((answer) => answer.turn)]
        : candidate.prompt,
    ),
  );
  const found = nearDuplicates(texts, settings);
  const members = found.clusters.map((cluster) =>
    cluster.flatMap((at) => {
      const candidate = candidates[at];
      return candidate ? [candidate] : [];
    }),
  );
  return { members, found };
}

/** Keeps of each cluster the row with the lowest key; of preference data, all answers to its prompt. */
export function nearDedup(candidates: readonly Candidate[], clusters: Clusters): Sieved<Candidate> {
  const here = new Set(candidates);
  const winnerOf = new Map<Candidate, Candidate>();
  for (const cluster of clusters.members) {
    const [winner, ...rest] = cluster.filter((candidate) => here.has(candidate));
    if (winner === undefined) continue;
    const prompt = promptKey(winner);
    for (const candidate of rest)
      if (candidate.target || promptKey(candidate) !== prompt) winnerOf.set(candidate, winner);
  }
  const removed: Removal[] = [];
  const kept = candidates.filter((candidate) => {
    const winner = winnerOf.get(candidate);
    if (winner)
      removed.push(removal(candidate, { rule: "near", detail: "near duplicate (verified Jaccard)" }, winner));
    return winner === undefined;
  });
  return { kept, removed };
}

/** A large cluster and its least similar pair: a low value tells a chain from a crowd. */
export interface ClusterReport {
  readonly size: number;
  readonly representative: string;
  readonly leastJaccard: number | null;
}

/** The `count` largest clusters. Clusters over 200 rows are not compared pair by pair: null. */
export function largestClusters({ members, found }: Clusters, count = 5): readonly ClusterReport[] {
  return found.clusters
    .map((indexes, at) => ({ indexes, representative: members[at]?.[0]?.row.interaction_id ?? "" }))
    .sort((a, b) => b.indexes.length - a.indexes.length || (a.indexes[0] ?? 0) - (b.indexes[0] ?? 0))
    .slice(0, count)
    .map(({ indexes, representative }) => {
      let least = 1;
      for (const a of indexes.length > 200 ? [] : indexes)
        for (const b of indexes) if (a < b) least = Math.min(least, found.similarity(a, b));
      return {
        size: indexes.length,
        representative,
        leastJaccard: indexes.length > 200 ? null : Math.round(least * 1000) / 1000,
      };
    });
}
