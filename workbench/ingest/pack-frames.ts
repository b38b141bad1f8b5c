import type { Batch } from "./batch.ts";
import type { Flaw, Frame } from "./frame.ts";
import { DIGEST_LENGTH } from "./reader.ts";

/** A batch in one piece of memory, as it goes from thread to thread: a message of thousands of objects costs more than reading them. */
export interface Packed {
  /** The records, one after the other. */
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

export function packed({ frames, digests }: Batch): Packed {
  const total = frames.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  const bytes = new ArrayBuffer(total);
  const into = Buffer.from(bytes);
  const numbers = new Float64Array(frames.length * NUMBERS);
  const odd = new Map<number, Odd>();
  let end = 0;
  frames.forEach((frame, n) => {
    if (frame.bytes !== null) end += frame.bytes.copy(into, end);
    numbers.set([frame.line, frame.byteOffset, frame.byteLength, frame.terminated ? 1 : 0, end], n * NUMBERS);
    if (frame.bytes === null || frame.sha256 !== null || frame.flaw !== undefined)
      odd.set(n, {
        sha256: frame.sha256,
        hasBytes: frame.bytes !== null,
        ...(frame.flaw === undefined ? {} : { flaw: frame.flaw }),
      });
  });
  return { bytes, numbers, digests: digests.map((digest) => digest.padEnd(DIGEST_LENGTH)).join(""), odd };
}

/** The batch again; its records lie in the memory that came. */
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
  return {
    frames,
    digests: frames.map((_, n) => digests.slice(n * DIGEST_LENGTH, (n + 1) * DIGEST_LENGTH).trimEnd()),
  };
}
