const SMALLEST = 1 << 10;

/** Which places have a value: 1 or 0 a place. A place that is never marked costs nothing. */
export class Presence {
  count = 0;
  #flags = new Uint8Array(SMALLEST);
  #end = 0;

  /** Places are marked in rising order. */
  mark(slot: number): void {
    if (slot >= this.#flags.length) this.#grow(slot + 1);
    this.#flags[slot] = 1;
    this.#end = slot + 1;
    this.count++;
  }

  /** The flags of the first `slots` places. Valid until the next `mark` or `reset`. */
  flags(slots: number): Uint8Array {
    if (slots > this.#flags.length) this.#grow(slots);
    return this.#flags.subarray(0, slots);
  }

  /** Memory is kept, unless it is far more than was needed. */
  reset(): void {
    if (this.#flags.length > SMALLEST && this.#flags.length > 4 * this.#end)
      this.#flags = new Uint8Array(SMALLEST);
    else this.#flags.fill(0, 0, this.#end);
    this.count = 0;
    this.#end = 0;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(this.#flags.length * 2, needed));
    larger.set(this.#flags);
    this.#flags = larger;
  }
}
