import type { NearDedupSettings } from "../schema/dataset-definition.ts";
import { bandKey, permutations, signature } from "./minhash.ts";
import { jaccard, shingles } from "./shingles.ts";
import { wordsOf } from "./text.ts";
import { unionFind } from "./union-find.ts";

/** Texts of which each is like at least one other; indexes into the input, ascending. */
export interface NearDuplicates {
  readonly clusters: readonly (readonly number[])[];
  /** Pairs that shared a band, and those whose exact Jaccard index reached the threshold. */
  readonly compared: number;
  readonly alike: number;
  /** Texts with fewer words than `minWords`, which are only compared exactly elsewhere. */
  readonly tooShort: number;
  /** The Jaccard index of two of the texts, computed exactly. */
  readonly similarity: (a: number, b: number) => number;
}

/**
 * Finds texts that share at least `jaccard` of their word shingles: MinHash signatures, banded LSH
 * for candidates, and an exact comparison of every candidate, so that nothing unlike is ever joined.
 * Two texts alike by transitivity are one cluster. Misses a pair at J with probability
 * (1 − J^rows)^bands: 5 % at exactly 0.8 with 16 × 8.
 */
export function nearDuplicates(texts: readonly string[], settings: NearDedupSettings): NearDuplicates {
  const sets = texts.map((text) => {
    const words = wordsOf(text);
    return words.length < settings.minWords ? null : shingles(words, settings.shingleWords);
  });
  const groups = unionFind(texts.length);
  const seen = new Set<number>();
  let [compared, alike] = [0, 0];
  const similarity = (a: number, b: number): number => jaccard(sets[a] ?? EMPTY, sets[b] ?? EMPTY);
  for (const bucket of buckets(sets, settings)) {
    for (let i = 1; i < bucket.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [bucket[j] ?? 0, bucket[i] ?? 0];
        // Two members of one cluster already: another edge between them changes nothing.
        if (groups.find(a) === groups.find(b) || seen.has(a * texts.length + b)) continue;
        // A set holds 2²⁴ at most; forgetting costs a comparison that is made again, no result.
        if (seen.size >= MOST_SEEN) seen.clear();
        seen.add(a * texts.length + b);
        compared++;
        if (similarity(a, b) < settings.jaccard) continue;
        alike++;
        groups.join(a, b);
      }
    }
  }
  return {
    clusters: groups.sets().filter((set) => set.length > 1),
    compared,
    alike,
    tooShort: sets.filter((set) => set === null).length,
    similarity,
  };
}

const EMPTY = new Float64Array();
const MOST_SEEN = 10_000_000;

/** Indexes that share a band, ascending. One band at a time keeps one table in memory. */
function* buckets(
  sets: readonly (Float64Array | null)[],
  { bands, rowsPerBand }: NearDedupSettings,
): Generator<readonly number[]> {
  const family = permutations(bands * rowsPerBand);
  const signed = sets.map((set) => (set ? signature(set, family) : null));
  for (let band = 0; band < bands; band++) {
    const table = new Map<string, number[]>();
    signed.forEach((one, index) => {
      if (!one) return;
      const key = bandKey(one, band, rowsPerBand);
      const bucket = table.get(key);
      if (bucket) bucket.push(index);
      else table.set(key, [index]);
    });
    for (const bucket of table.values()) if (bucket.length > 1) yield bucket;
  }
}
