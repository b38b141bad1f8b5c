import type { Batch } from "./batch.ts";
import type { Flaw, Frame } from "./frame.ts";
import { DIGEST_LENGTH } from "./reader.ts";

/**
 * A batch in one piece of memory, as it is gathered and goes from thread to thread: thousands of small objects cost more
 * to keep, and far more to send, than their bytes to copy.
 */
export interface Packed {
  /** The records, one after the other, from the beginning. */
  readonly bytes: ArrayBuffer;
  /** Of each record the numbers in `NUMBERS`. */
  readonly numbers: Float64Array;
  readonly digests: string;
  /** Records that are odd before anybody looks into them, by their place. */
  readonly odd: ReadonlyMap<number, Odd>;
}

interface Odd {
  readonly sha256: string | null;
  readonly hasBytes: boolean;
  readonly flaw?: Flaw;
}

/** line, byteOffset, byteLength, terminated, and where the record ends in `bytes`. */
const NUMBERS = 5;
const SMALLEST_BYTES = 1 << 16;
const SMALLEST = 1 << 8;

/** Gathers records to a batch. */
export class FramePacker {
  records = 0;
  bytes = 0;
  #memory = Buffer.alloc(0);
  #numbers = new Float64Array(0);
  #digests: string[] = [];
  #odd = new Map<number, Odd>();

  /** Copies a record. `digest` is as `digestOf` gives it. */
  add(frame: Frame, digest: string): void {
    const { bytes, sha256, flaw } = frame;
    if (bytes !== null) this.#copy(bytes);
    if ((this.records + 1) * NUMBERS > this.#numbers.length) this.#growNumbers();
    const at = this.records * NUMBERS;
    this.#numbers[at] = frame.line;
    this.#numbers[at + 1] = frame.byteOffset;
    this.#numbers[at + 2] = frame.byteLength;
    this.#numbers[at + 3] = frame.terminated ? 1 : 0;
    this.#numbers[at + 4] = this.bytes;
    this.#digests.push(digest === "" ? NO_DIGEST : digest);
    if (bytes === null || sha256 !== null || flaw !== undefined)
      this.#odd.set(this.records, {
        sha256,
        hasBytes: bytes !== null,
        ...(flaw === undefined ? {} : { flaw }),
      });
    this.records++;
  }

  /** Hands out the batch, and begins the next. */
  take(): Packed {
    const packed = {
      bytes: this.#memory.buffer,
      numbers: this.#numbers.slice(0, this.records * NUMBERS),
      digests: this.#digests.join(""),
      odd: this.#odd,
    };
    // Whoever gets the memory may hand it on. The next batch is likely as long.
    this.#memory = memoryOf(this.bytes);
    [this.records, this.bytes, this.#digests] = [0, 0, []];
    this.#odd = new Map();
    return packed;
  }

  #copy(bytes: Buffer): void {
    const end = this.bytes + bytes.length;
    if (end > this.#memory.length) {
      const larger = memoryOf(Math.max(this.#memory.length * 2, end, SMALLEST_BYTES));
      this.#memory.copy(larger, 0, 0, this.bytes);
      this.#memory = larger;
    }
    bytes.copy(this.#memory, this.bytes);
    this.bytes = end;
  }

  #growNumbers(): void {
    const larger = new Float64Array(Math.max(this.#numbers.length * 2, SMALLEST * NUMBERS));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

const NO_DIGEST = " ".repeat(DIGEST_LENGTH);
/** Memory of its own: no piece of what Node shares among small buffers. */
const memoryOf = (length: number): Buffer<ArrayBuffer> => Buffer.from(new ArrayBuffer(length));

/** The records again; they lie in the memory of the batch. */
export function unpacked({ bytes, numbers, digests, odd }: Packed): Batch {
  const all = Buffer.from(bytes);
  let from = 0;
  const frames = Array.from({ length: numbers.length / NUMBERS }, (_, n): Frame => {
    const number = (which: number): number => numbers[n * NUMBERS + which] as number;
    const about = odd.get(n);
    const own = all.subarray(from, number(4));
    from = number(4);
    return {
      line: number(0),
      byteOffset: number(1),
      byteLength: number(2),
      terminated: number(3) === 1,
      bytes: about?.hasBytes === false ? null : own,
      sha256: about?.sha256 ?? null,
      ...(about?.flaw === undefined ? {} : { flaw: about.flaw }),
    };
  });
  return { frames, digests: frames.map((_, n) => digestAt(digests, n)) };
}

/** The digest of record `n` of a batch. */
export const digestAt = (digests: string, n: number): string =>
  digests.slice(n * DIGEST_LENGTH, (n + 1) * DIGEST_LENGTH).trimEnd();
