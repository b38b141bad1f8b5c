/** Records that are remembered: twenty bytes each, and as much again while there is room to grow. */
const MOST = 1 << 22;
const SMALLEST = 1 << 10;
const WORDS = 4;
const [FREE, THERE, GONE] = [0, 1, 2];

/**
 * The records of one source that became rows, by the first 128 bits of their keyed digest: the same bytes again are
 * known, and need not be read. Beyond four million they are not remembered any more, and found when they are stored.
 */
export class Replays {
  #words = new Int32Array(SMALLEST * WORDS);
  #slots = new Uint8Array(SMALLEST);
  #size = 0;

  has(digest: string): boolean {
    return this.#slots[this.#slotOf(wordsOf(digest))] === THERE;
  }

  add(digest: string): void {
    if (this.#size >= MOST || this.#slots[this.#slotOf(wordsOf(digest))] !== FREE) return;
    this.#put(words, THERE);
    if (2 * ++this.#size > this.#slots.length) this.#grow();
  }

  /** The record did not become rows after all, and will not when it comes again. */
  forget(digest: string): void {
    const slot = this.#slotOf(wordsOf(digest));
    if (this.#slots[slot] === THERE) this.#slots[slot] = GONE;
  }

  #put(words: Int32Array, state: number): void {
    const slot = this.#slotOf(words);
    this.#slots[slot] = state;
    this.#words.set(words, slot * WORDS);
  }

  /** Where the digest is, was, or would be. */
  #slotOf(words: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = (words[0] as number) & mask;
    while (this.#slots[slot] !== FREE && !this.#isAt(slot, words)) slot = (slot + 1) & mask;
    return slot;
  }

  #isAt(slot: number, words: Int32Array): boolean {
    for (let n = 0; n < WORDS; n++) if (this.#words[slot * WORDS + n] !== words[n]) return false;
    return true;
  }

  #grow(): void {
    const [words, slots] = [this.#words, this.#slots];
    this.#words = new Int32Array(words.length * 2);
    this.#slots = new Uint8Array(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot++)
      if (slots[slot] !== FREE)
        this.#put(words.subarray(slot * WORDS, (slot + 1) * WORDS), slots[slot] as number);
  }
}

const words = new Int32Array(WORDS);

/** Of a digest in hex, until the next call. */
function wordsOf(digest: string): Int32Array {
  for (let n = 0; n < WORDS; n++) words[n] = Number.parseInt(digest.slice(8 * n, 8 * n + 8), 16);
  return words;
}
