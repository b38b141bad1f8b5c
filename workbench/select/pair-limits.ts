import type { PairSettings } from "../schema/dataset-definition.ts";
import type { Removal, Sieved } from "./funnel.ts";
import type { PairCandidate } from "./pairs.ts";
import type { Fired } from "./sieve.ts";
import { byText, folded } from "./text.ts";

/** Drops pairs that cannot teach: equal texts, and margins below `minMargin`. */
export function teachable(
  pairs: readonly PairCandidate[],
  { minMargin }: PairSettings,
): Sieved<PairCandidate> {
  return sievePairs(pairs, (pair) => {
    if (folded(pair.chosen.turn.content) === folded(pair.rejected.turn.content) && !hasCalls(pair))
      return { rule: "equal", detail: "chosen and rejected are the same text" };
    // A hair below the limit by rounding alone is at the limit.
    if (pair.margin < minMargin - 1e-9)
      return { rule: "margin", detail: `margin ${rounded(pair.margin)} is below ${minMargin}` };
    return null;
  });
}

function hasCalls({ chosen, rejected }: PairCandidate): boolean {
  return chosen.turn["tool_calls"] !== undefined || rejected.turn["tool_calls"] !== undefined;
}

/** At most `maxPerPrompt` pairs of one prompt: the widest margins, then the lowest keys. */
export function perPrompt(
  pairs: readonly PairCandidate[],
  { maxPerPrompt }: PairSettings,
): Sieved<PairCandidate> {
  const given = new Map<string, number>();
  const dropped = new Set<PairCandidate>();
  for (const pair of [...pairs].sort(widest)) {
    const count = given.get(pair.prompt) ?? 0;
    if (count >= maxPerPrompt) dropped.add(pair);
    given.set(pair.prompt, count + 1);
  }
  const fired = { rule: "per-prompt", detail: `the prompt has ${maxPerPrompt} better pairs` };
  return sievePairs(pairs, (pair) => (dropped.has(pair) ? fired : null));
}

/**
 * No user gives more than `maxUserShare` of the pairs that remain (and everybody may give one). The
 * cap in pairs is the largest that holds for the number of pairs it leaves.
 *
 * Worked value: users with 8, 1 and 1 pairs at a share of 0.5 keep 2, 1 and 1: 2 of 4.
 */
export function perUser(
  pairs: readonly PairCandidate[],
  { maxUserShare }: PairSettings,
): Sieved<PairCandidate> {
  if (maxUserShare === null) return { kept: pairs, removed: [] };
  const order = [...pairs].sort(widest);
  for (let cap = Math.max(1, Math.floor(maxUserShare * pairs.length)); ; cap--) {
    const kept = cappedPairs(order, cap);
    if (cap > 1 && cap > maxUserShare * kept.size) continue;
    const fired = { rule: "per-user", detail: `its user already gives ${cap} pairs` };
    return sievePairs(pairs, (pair) => (kept.has(pair) ? null : fired));
  }
}

function cappedPairs(order: readonly PairCandidate[], cap: number): ReadonlySet<PairCandidate> {
  const given = new Map<string, number>();
  const kept = new Set<PairCandidate>();
  for (const pair of order) {
    const users = new Set(
      [pair.chosenRow.row.user_key, pair.rejectedRow.row.user_key].filter((user) => user !== null),
    );
    if ([...users].some((user) => (given.get(user) ?? 0) >= cap)) continue;
    for (const user of users) given.set(user, (given.get(user) ?? 0) + 1);
    kept.add(pair);
  }
  return kept;
}

function widest(a: PairCandidate, b: PairCandidate): number {
  return b.margin - a.margin || byText(a.key, b.key);
}

export function sievePairs(
  pairs: readonly PairCandidate[],
  judge: (pair: PairCandidate) => Fired | null,
): Sieved<PairCandidate> {
  const removed: Removal[] = [];
  const kept = pairs.filter((pair) => {
    const fired = judge(pair);
    if (fired) removed.push({ interactionId: pair.rejectedRow.row.interaction_id, key: pair.key, ...fired });
    return fired === null;
  });
  return { kept, removed };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
