/** A stream of pseudo-random numbers that is the same on every machine for the same seed. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  readonly uniform: () => number;
  /** Uniform integer in [0, n). */
  readonly below: (n: number) => number;
}

/**
 * Seeded generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by hashing the seed text with
 * FNV-1a and warmed up 16 rounds. Not for secrets.
 *
 * Worked value: `seeded("7").below(1000)` is the same integer on every platform, because only
 * 32-bit integer operations are used.
 */
export function seeded(seed: string | number): Random {
  let [a, b, c, counter] = [fnv1a(`a:${seed}`), fnv1a(`b:${seed}`), fnv1a(`c:${seed}`), 1];
  const next = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let round = 0; round < 16; round++) next();
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  return { uniform, below: (n) => Math.floor(uniform() * n) };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
