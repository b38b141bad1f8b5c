import { seeded } from "../stats/random.ts";

/** The permutations a·x + b mod 2³², a odd. Part of the algorithm, not of a definition: never reseed. */
export interface Permutations {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

export function permutations(count: number): Permutations {
  const random = seeded("minhash@1");
  const word = (): number => Math.floor(random.uniform() * 2 ** 32) | 0;
  const a = Int32Array.from({ length: count }, () => word() | 1);
  return { a, b: Int32Array.from({ length: count }, word) };
}

/**
 * MinHash signature of a set of 53-bit hashes: for each permutation the least image of the low 32
 * bits. Two sets agree at one position with a probability equal to their Jaccard index (Broder 1997).
 */
export function signature(set: Float64Array, { a, b }: Permutations): Uint32Array {
  const least = new Uint32Array(a.length).fill(0xffffffff);
  for (const hash of set) {
    const x = (hash % 2 ** 32) | 0;
    for (let p = 0; p < least.length; p++) {
      const image = (Math.imul(a[p] ?? 1, x) + (b[p] ?? 0)) >>> 0;
      if (image < (least[p] ?? 0)) least[p] = image;
    }
  }
  return least;
}

/** The key of one LSH band: rows of a signature as text, so that only equal rows share a bucket. */
export function bandKey(signed: Uint32Array, band: number, rows: number): string {
  return String.fromCharCode(...new Uint16Array(signed.slice(band * rows, (band + 1) * rows).buffer));
}
