const SLOTS = 1 << 12;
const MOST_BYTES = 1 << 22;
/** A shorter text is searched nearly as fast as it is known again. */
export const SHORTEST_KEPT = 512;
const LONGEST = 1 << 18;

/**
 * Long texts in which nothing was found. The records of a log repeat them: what the system is told, and
 * a conversation's earlier turns. A text is kept when it comes the second time; four megabytes are, then
 * all are forgotten. One slot for each digest of a few bytes: a newer text takes an older one's.
 */
export class QuietBytes {
  readonly #digests = new Int32Array(SLOTS);
  /** Where the slot's text begins in what is kept, or -1 for one that came once. */
  readonly #starts = new Int32Array(SLOTS).fill(-1);
  readonly #lengths = new Int32Array(SLOTS);
  #kept: Buffer | null = null;
  #end = 0;
  /** Of the text that was asked for last. */
  #digest = 0;

  /** Whether the text at [from, to) is known, byte for byte. */
  has(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from < SHORTEST_KEPT) return false;
    const digest = digestOf(bytes, from, to);
    this.#digest = digest;
    const slot = digest & (SLOTS - 1);
    const start = this.#starts[slot] as number;
    if (start < 0 || this.#digests[slot] !== digest || this.#lengths[slot] !== to - from) return false;
    return this.#kept?.compare(bytes, from, to, start, start + to - from) === 0;
  }

  /** Adds the text that was asked for last. */
  add(bytes: Uint8Array, from: number, to: number): void {
    if (to - from < SHORTEST_KEPT) return;
    const digest = this.#digest;
    const slot = digest & (SLOTS - 1);
    const isSecond = this.#digests[slot] === digest;
    this.#digests[slot] = digest;
    this.#starts[slot] = isSecond && to - from <= LONGEST ? this.#keep(bytes.subarray(from, to)) : -1;
    this.#lengths[slot] = to - from;
  }

  #keep(text: Uint8Array): number {
    this.#kept ??= Buffer.allocUnsafe(MOST_BYTES);
    if (this.#end + text.length > MOST_BYTES) {
      this.#starts.fill(-1);
      this.#end = 0;
    }
    const start = this.#end;
    this.#kept.set(text, start);
    this.#end += text.length;
    return start;
  }
}

/** Of the length and of bytes from all over the text. */
function digestOf(bytes: Uint8Array, from: number, to: number): number {
  const step = (to - from) >> 4;
  let digest = to - from;
  for (let at = from; at < from + (step << 4); at += step)
    digest = Math.imul(digest ^ (bytes[at] as number), 0x01000193);
  return digest ^ (digest >>> 15);
}
