/**
 * The set of hashed word n-grams of a text, ascending. Each hash has 53 bits, the integers a double
 * holds exactly: among 10⁸ shingles about half a pair collides, far below what a Jaccard of 0.8 notices.
 *
 * Worked value: 7 different words with n = 5 give 3 shingles; fewer than n words give one of them all.
 */
export function shingles(words: readonly string[], n: number): Float64Array {
  const hashes = words.length === 0 ? new Float64Array() : gramHashes(words, Math.min(n, words.length));
  hashes.sort();
  let kept = 0;
  for (const hash of hashes) if (kept === 0 || hash !== hashes[kept - 1]) hashes[kept++] = hash;
  return hashes.subarray(0, kept);
}

/** Hashes of the runs of n words by position, 53 bits each; empty when there are fewer than n words. */
export function gramHashes(words: readonly string[], n: number): Float64Array {
  const [low, high] = wordHashes(words);
  const hashes = new Float64Array(Math.max(0, words.length - n + 1));
  for (let at = 0; at < hashes.length; at++) {
    let [a, b] = [0x9e3779b9, 0x85ebca6b];
    for (let i = at; i < at + n; i++) {
      // Both lanes depend on the order of the words, by a multiplication and by a rotation.
      a = Math.imul(a ^ (low[i] ?? 0), 0x01000193);
      b = Math.imul((b << 5) ^ (b >>> 27) ^ (high[i] ?? 0), 0xc2b2ae35);
    }
    hashes[at] = (mixed(a) >>> 11) * 2 ** 32 + (mixed(b ^ a) >>> 0);
  }
  return hashes;
}

/** Each word once, in two 32-bit lanes, so that a run of words costs n steps and not all its characters. */
function wordHashes(words: readonly string[]): readonly [Int32Array, Int32Array] {
  const [low, high] = [new Int32Array(words.length), new Int32Array(words.length)];
  words.forEach((word, at) => {
    let [a, b] = [0x811c9dc5, 0x27d4eb2d];
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul((b << 5) ^ (b >>> 27) ^ unit, 0xc2b2ae35);
    }
    low[at] = mixed(a);
    high[at] = mixed(b);
  });
  return [low, high];
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit. */
function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** |a ∩ b| / |a ∪ b| of two ascending sets; two empty sets are equal, so 1. */
export function jaccard(a: Float64Array, b: Float64Array): number {
  let [i, j, both] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] ?? 0, b[j] ?? 0];
    if (left === right) both++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  const either = a.length + b.length - both;
  return either === 0 ? 1 : both / either;
}
