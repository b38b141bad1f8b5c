import type { Candidate } from "./candidate.ts";
import type { Removal, Sieved } from "./funnel.ts";

/** A rule that fired: its name in the funnel, and a sentence with the figures. */
export interface Fired {
  readonly rule: string;
  readonly detail: string;
}

/** Keeps the candidates for which `judge` finds nothing; the first rule that fires removes the row. */
export function sieve(
  candidates: readonly Candidate[],
  judge: (candidate: Candidate) => Fired | null,
): Sieved<Candidate> {
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of candidates) {
    const fired = judge(candidate);
    if (fired) removed.push(removal(candidate, fired));
    else kept.push(candidate);
  }
  return { kept, removed };
}

export function removal(candidate: Candidate, fired: Fired, keptInstead?: Candidate): Removal {
  return {
    interactionId: candidate.row.interaction_id,
    key: candidate.key,
    ...fired,
    ...(keptInstead ? { keptInstead: keptInstead.row.interaction_id } : {}),
  };
}
