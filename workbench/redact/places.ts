/** Places of one trigger in a text, kept from text to text so that a short one costs no memory. */
export class Places {
  /** From, to and how many, three numbers a place; those from `length` on are of an earlier text. */
  readonly numbers: number[] = [];
  length = 0;
  /** The most of one place. */
  most = 0;

  add(from: number, to: number, count: number): void {
    this.numbers[this.length++] = from;
    this.numbers[this.length++] = to;
    this.numbers[this.length++] = count;
    if (count > this.most) this.most = count;
  }

  clear(): void {
    if (this.length > MOST_KEPT) this.numbers.length = 0;
    this.length = 0;
    this.most = 0;
  }
}
const MOST_KEPT = 1 << 16;

/** How far apart neighbours of one chain may be. */
export interface Gap {
  readonly nearest: number;
  readonly farthest: number;
}

/** Chains of one kind of character: told of them in order, it tells where a chain began and ended. */
export class Links {
  readonly #nearest: number;
  readonly #farthest: number;
  readonly #onChain: (from: number, to: number, count: number) => void;
  #from = 0;
  #last = 0;
  #count = 0;

  constructor({ nearest, farthest }: Gap, onChain: (from: number, to: number, count: number) => void) {
    this.#nearest = nearest;
    this.#farthest = farthest;
    this.#onChain = onChain;
  }

  /** All of [from, to) are of the kind. */
  add(from: number, to: number): void {
    const gap = from - this.#last;
    if (this.#count > 0 && (gap > this.#farthest || gap < this.#nearest)) this.end();
    if (this.#count === 0) this.#from = from;
    this.#count += to - from;
    this.#last = to - 1;
  }

  /** Ends the chain that is open, and tells of it. */
  end(): void {
    if (this.#count > 0) this.#onChain(this.#from, this.#last + 1, this.#count);
    this.#count = 0;
  }
}
