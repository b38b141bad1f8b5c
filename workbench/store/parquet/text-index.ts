import { bitWidth, packedLevels } from "./levels.ts";
import { TextBytes } from "./text-bytes.ts";

const SMALLEST = 1 << 10;
const MOST_TEXTS = 1 << 13;
const MOST_BYTES = 1 << 20;
/** So many texts are looked at before it is said that too few of them repeat. */
const TRIED = 64;

/** Texts that repeat: each distinct one once, and of every value which it is. */
export class TextIndex {
  readonly distinct = new TextBytes();
  count = 0;
  #numbers = new Map<string, number>();
  #indices = new Int32Array(SMALLEST);

  /** How many distinct texts there are. */
  get size(): number {
    return this.#numbers.size;
  }

  add(text: string): void {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
      this.distinct.add(text);
    }
    if (this.count === this.#indices.length) this.#grow();
    this.#indices[this.count++] = number;
  }

  /** Whether further texts are better written as they are: too many are new, or they take too much memory. */
  isOverfull(): boolean {
    const { size } = this.#numbers;
    return size > MOST_TEXTS || this.distinct.end > MOST_BYTES || (size > TRIED && size * 2 > this.count);
  }

  /** The values as Parquet's RLE_DICTIONARY: the width of a number in bits, and the numbers in runs. */
  bytes(): Buffer {
    const width = bitWidth(this.#numbers.size - 1);
    return Buffer.concat([Buffer.of(width), packedLevels(this.#indices, 0, this.count, width)]);
  }

  reset(): void {
    if (this.#indices.length > SMALLEST && this.#indices.length > 4 * this.count)
      this.#indices = new Int32Array(SMALLEST);
    this.#numbers.clear();
    this.distinct.reset();
    this.count = 0;
  }

  #grow(): void {
    const larger = new Int32Array(this.#indices.length * 2);
    larger.set(this.#indices);
    this.#indices = larger;
  }
}
