/** A stream of pseudo-random numbers that is the same on every machine for the same seed. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  readonly uniform: () => number;
  /** Uniform integer in [0, n). */
  readonly below: (n: number) => number;
  /** Fills an array with uniform integers in [0, n): the fast way to draw many. */
  readonly fillBelow: (into: Uint32Array, n: number) => void;
}

/** Up to here one 32-bit output is enough for an index: 32 bits times 21 bits is exact in a double. */
const MOST = 2 ** 21;

/**
 * Seeded generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by hashing the seed text with
 * FNV-1a and warmed up 16 rounds. Not for secrets.
 *
 * Worked value: `seeded("7").below(1000)` is the same integer on every platform, because only
 * 32-bit integer operations are used.
 */
export function seeded(seed: string | number): Random {
  // An Int32Array, since a variable that holds large integers becomes a boxed double: four times slower.
  const state = Int32Array.of(fnv1a(`a:${seed}`), fnv1a(`b:${seed}`), fnv1a(`c:${seed}`), 1);
  const one = new Uint32Array(1);
  const next = (): number => {
    fill(state, one);
    return one[0] as number;
  };
  for (let round = 0; round < 16; round++) next();
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  const below = (n: number): number => Math.floor(uniform() * n);
  return {
    uniform,
    below,
    fillBelow: (into, n) => {
      if (n <= MOST) fillBelow(state, into, n);
      else for (let i = 0; i < into.length; i++) into[i] = below(n);
    },
  };
}

/** Fills an array with the generator's next 32-bit outputs. */
function fill(state: Int32Array, into: Uint32Array): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let counter = state[3] as number;
  for (let i = 0; i < into.length; i++) {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    into[i] = out;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = counter;
}

/**
 * Lemire's multiplication, with rejection so that no integer is favoured.
 * Source: Lemire, ACM Trans. Model. Comput. Simul. 29 (2019) 3.
 */
function fillBelow(state: Int32Array, into: Uint32Array, n: number): void {
  const reject = 2 ** 32 % n;
  const scale = n * 2 ** -32;
  let kept = 0;
  while (kept < into.length) {
    const rest = into.subarray(kept);
    fill(state, rest);
    for (let i = 0; i < rest.length; i++) {
      const out = rest[i] as number;
      if (Math.imul(out, n) >>> 0 >= reject) into[kept++] = out * scale;
    }
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
