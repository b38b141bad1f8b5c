import type { Instant } from "./instant.ts";
import { readInstant } from "./instant.ts";
import type { Bounds, Held, PageValues } from "./leaf.ts";
import { Leaf } from "./leaf.ts";
import type { Scalar } from "./physical.ts";
import { PHYSICAL } from "./physical.ts";

const SMALLEST = 1 << 10;
const TWO_32 = 2 ** 32;
const MILLION = 1_000_000;

type Numbers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Values of one length, as many elements of an array each. The machine's order of bytes is Parquet's. */
abstract class FixedLeaf<A extends Numbers> extends Leaf {
  protected array: A;
  protected at = 0;
  readonly #elements: number;
  readonly #empty: (length: number) => A;

  constructor(
    type: Scalar,
    path: readonly string[],
    held: Held,
    elements: number,
    empty: (length: number) => A,
  ) {
    super(PHYSICAL[type], path, held);
    this.#elements = elements;
    this.#empty = empty;
    this.array = empty(SMALLEST);
  }

  pages(row: number): readonly PageValues[] {
    return [{ row, isIndexed: false, bytes: this.encoded() }];
  }

  dictionary(): null {
    return null;
  }

  bounds(): Bounds | null {
    if (this.at === 0) return null;
    let [least, greatest] = [0, 0];
    for (let at = 0; at < this.at; at += this.#elements) {
      if (this.isLess(at, least)) least = at;
      if (this.isLess(greatest, at)) greatest = at;
    }
    return { least: this.#one(least), greatest: this.#one(greatest) };
  }

  /** Whether the value at one place of the array is less than that at another. */
  protected abstract isLess(one: number, other: number): boolean;

  #one(at: number): Uint8Array {
    const { buffer, BYTES_PER_ELEMENT: width } = this.array;
    return new Uint8Array(buffer, at * width, this.#elements * width);
  }

  /** All values, plainly. */
  protected encoded(): Uint8Array {
    return new Uint8Array(this.array.buffer, 0, this.at * this.array.BYTES_PER_ELEMENT);
  }

  reset(): void {
    if (this.array.length > SMALLEST && this.array.length > 4 * this.at) this.array = this.#empty(SMALLEST);
    this.at = 0;
    this.presence.reset();
  }

  /** Marks the place and makes room for its value. */
  protected take(slot: number): void {
    this.presence.mark(slot);
    if (this.at + this.#elements <= this.array.length) return;
    const larger = this.#empty(this.array.length * 2);
    larger.set(this.array);
    this.array = larger;
  }
}

export class Int32Leaf extends FixedLeaf<Int32Array<ArrayBuffer>> {
  constructor(path: readonly string[], held: Held) {
    super("int32", path, held, 1, (length) => new Int32Array(length));
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "number" || (value | 0) !== value)
      throw this.wrong("a whole number of 32 bits", value);
    this.take(slot);
    this.array[this.at++] = value;
  }

  protected isLess(one: number, other: number): boolean {
    return (this.array[one] as number) < (this.array[other] as number);
  }
}

export class DoubleLeaf extends FixedLeaf<Float64Array<ArrayBuffer>> {
  constructor(path: readonly string[], held: Held) {
    super("double", path, held, 1, (length) => new Float64Array(length));
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.wrong("a finite number", value);
    this.take(slot);
    // As in JSON there is one zero.
    this.array[this.at++] = value + 0;
  }

  protected isLess(one: number, other: number): boolean {
    return (this.array[one] as number) < (this.array[other] as number);
  }
}

/** Numbers of 64 bits as their lower and their upper half. */
abstract class WideLeaf extends FixedLeaf<Int32Array<ArrayBuffer>> {
  constructor(type: Scalar, path: readonly string[], held: Held) {
    super(type, path, held, 2, (length) => new Int32Array(length));
  }

  protected putWide(slot: number, value: number): void {
    this.take(slot);
    const upper = Math.floor(value / TWO_32);
    this.array[this.at++] = value - upper * TWO_32;
    this.array[this.at++] = upper;
  }

  protected isLess(one: number, other: number): boolean {
    const [upper, otherUpper] = [this.array[one + 1] as number, this.array[other + 1] as number];
    if (upper !== otherUpper) return upper < otherUpper;
    return (this.array[one] as number) >>> 0 < (this.array[other] as number) >>> 0;
  }
}

export class Int64Leaf extends WideLeaf {
  constructor(path: readonly string[], held: Held) {
    super("int64", path, held);
  }

  put(slot: number, value: unknown): void {
    if (!Number.isSafeInteger(value)) throw this.wrong("a safe whole number", value);
    this.putWide(slot, value as number);
  }
}

export class TimeLeaf extends WideLeaf {
  readonly #instant: Instant = { seconds: 0, micros: 0 };

  constructor(path: readonly string[], held: Held) {
    super("time", path, held);
  }

  put(slot: number, value: unknown): void {
    const instant = this.#instant;
    if (typeof value !== "string" || !readInstant(value, instant)) throw this.wrong("a time in UTC", value);
    const micros = instant.seconds * MILLION + instant.micros;
    if (Number.isSafeInteger(micros)) this.putWide(slot, micros);
    else this.#putFar(slot, instant);
  }

  /** Before 1684 and after 2255 microseconds are no exact number. */
  #putFar(slot: number, { seconds, micros }: Instant): void {
    const exact = BigInt(seconds) * BigInt(MILLION) + BigInt(micros);
    this.take(slot);
    this.array[this.at++] = Number(BigInt.asIntN(32, exact));
    this.array[this.at++] = Number(exact >> 32n);
  }
}

export class BooleanLeaf extends FixedLeaf<Uint8Array<ArrayBuffer>> {
  constructor(path: readonly string[], held: Held) {
    super("boolean", path, held, 1, (length) => new Uint8Array(length));
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "boolean") throw this.wrong("true or false", value);
    this.take(slot);
    this.array[this.at++] = value ? 1 : 0;
  }

  protected isLess(one: number, other: number): boolean {
    return (this.array[one] as number) < (this.array[other] as number);
  }

  /** One bit each, the lowest first. */
  protected override encoded(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.at / 8));
    for (let n = 0; n < this.at; n++)
      if (this.array[n] === 1) bits[n >> 3] = (bits[n >> 3] as number) | (1 << (n & 7));
    return bits;
  }
}

const UUID_LENGTH = 36;
/** Where the two digits of each byte stand, between hyphens. */
const DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;
/** Of each character its value as a hexadecimal digit, negative when it is none. */
const HEX = new Int8Array(256).fill(-1);
for (let n = 0; n < 16; n++) {
  HEX[n.toString(16).charCodeAt(0)] = n;
  HEX[n.toString(16).toUpperCase().charCodeAt(0)] = n;
}

export class UuidLeaf extends FixedLeaf<Uint8Array<ArrayBuffer>> {
  constructor(path: readonly string[], held: Held) {
    super("uuid", path, held, 16, (length) => new Uint8Array(length));
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "string" || value.length !== UUID_LENGTH) throw this.wrong("a UUID", value);
    this.take(slot);
    let all = 0;
    for (const at of HYPHENS) all |= value.charCodeAt(at) === HYPHEN ? 0 : -1;
    for (const at of DIGITS) {
      const byte = (digit(value, at) << 4) | digit(value, at + 1);
      all |= byte;
      this.array[this.at++] = byte;
    }
    if (all < 0) throw this.wrong("a UUID", value);
  }

  /** Identifiers lie about at random: the least of many says nothing. */
  override bounds(): null {
    return null;
  }

  protected isLess(): boolean {
    return false;
  }
}

const digit = (text: string, at: number): number => HEX[text.charCodeAt(at)] ?? -1;
