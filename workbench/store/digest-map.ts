import { sha256 } from "../schema/canonical.ts";

const HEX_DIGEST = /^[0-9a-f]{64}$/;
const FIRST_SLOTS = 1 << 10;
/** Words of a key that are kept. */
const WORDS = 4;

/**
 * A map from keys to a pair of numbers at 32 bytes a slot (16 while all pairs are zero), for as many rows as
 * a run has: no object and no text is kept for each. A key is known by 128 bits of its SHA-256 (a key that is a hex digest is its
 * own), so that two of a million keys are taken for one with a chance of 1.5e-27.
 */
export class DigestMap {
  /** An empty slot is all zero. */
  private words = new Uint32Array(WORDS * FIRST_SLOTS);
  /** Null while every pair is zero: who only asks `has` pays for no pairs. */
  private pairs: Float64Array | null = null;
  private used = 0;

  get size(): number {
    return this.used;
  }

  has(key: string): boolean {
    return this.holds(this.slotOf(wordsOf(key)));
  }

  get(key: string): readonly [first: number, second: number] | null {
    const slot = this.slotOf(wordsOf(key));
    return this.holds(slot) ? this.pairAt(slot) : null;
  }

  /** Sets or replaces the pair of a key. */
  set(key: string, first = 0, second = 0): void {
    if (8 * (this.used + 1) > 7 * this.slots) this.grow();
    const words = wordsOf(key);
    const slot = this.slotOf(words);
    if (!this.holds(slot)) this.used++;
    this.words.set(words, WORDS * slot);
    this.setPair(slot, first, second);
  }

  private get slots(): number {
    return this.words.length / WORDS;
  }

  private pairAt(slot: number): readonly [number, number] {
    return [this.pairs?.[2 * slot] ?? 0, this.pairs?.[2 * slot + 1] ?? 0];
  }

  private setPair(slot: number, first: number, second: number): void {
    if (this.pairs === null && first === 0 && second === 0) return;
    this.pairs ??= new Float64Array(2 * this.slots);
    this.pairs[2 * slot] = first;
    this.pairs[2 * slot + 1] = second;
  }

  private holds(slot: number): boolean {
    const { words } = this;
    const at = WORDS * slot;
    return ((words[at] ?? 0) | (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0)) !== 0;
  }

  /** Where a key is, or the empty slot where it would be: the next ones are looked at in turn. */
  private slotOf(key: Uint32Array): number {
    const { words } = this;
    const mask = this.slots - 1;
    for (let slot = (key[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const at = WORDS * slot;
      const isThere =
        words[at] === key[0] &&
        words[at + 1] === key[1] &&
        words[at + 2] === key[2] &&
        words[at + 3] === key[3];
      if (isThere || !this.holds(slot)) return slot;
    }
  }

  private grow(): void {
    const { words, pairs, slots } = this;
    this.words = new Uint32Array(2 * words.length);
    this.pairs = pairs === null ? null : new Float64Array(2 * pairs.length);
    for (let slot = 0; slot < slots; slot++) {
      const key = words.subarray(WORDS * slot, WORDS * slot + WORDS);
      if (!key.some(Boolean)) continue;
      const to = this.slotOf(key);
      this.words.set(key, WORDS * to);
      this.setPair(to, pairs?.[2 * slot] ?? 0, pairs?.[2 * slot + 1] ?? 0);
    }
  }
}

/** The key that is looked for, in the one place that every look-up uses: none of them makes garbage. */
const sought = new Uint32Array(WORDS);

function wordsOf(key: string): Uint32Array {
  // The prefix keeps a text apart from its own digest as a key.
  const digest = HEX_DIGEST.test(key) ? key : sha256(`key\u0000${key}`);
  for (let i = 0; i < WORDS; i++) sought[i] = parseInt(digest.slice(8 * i, 8 * i + 8), 16);
  if (!sought.some(Boolean)) sought[0] = 1; // all zero is kept for the empty slot
  return sought;
}
