const SHORTEST_RUN = 8;

type Levels = Uint8Array | Int32Array;

/** How many bits the levels up to `most` take. */
export const bitWidth = (most: number): number => 32 - Math.clz32(most);

/**
 * Numbers in Parquet's hybrid of runs and packed bits: `levels[from…to)`, of `width` bits each.
 * A run of eight or more is written as one; between runs, groups of eight are packed, the lowest bits first.
 * Source: parquet-format, Encodings.md, RLE = 3.
 * Worked value: eight levels 0, 1, …, 7 of three bits are 03 88 C6 FA.
 */
export function packedLevels(levels: Levels, from: number, to: number, width: number): Buffer {
  const out = new Packed(to - from, width);
  let [packedFrom, at] = [from, from];
  while (at < to) {
    const end = runEnd(levels, at, to);
    // A packed stretch holds whole groups of eight: what it lacks is taken from the run that ends it.
    const lacking = (SHORTEST_RUN - ((at - packedFrom) % SHORTEST_RUN)) % SHORTEST_RUN;
    if (end - at - lacking >= SHORTEST_RUN) {
      out.pack(levels, packedFrom, at + lacking);
      out.run(levels[at] as number, end - at - lacking);
      packedFrom = end;
    }
    at = end;
  }
  out.pack(levels, packedFrom, to);
  return out.bytes();
}

function runEnd(levels: Levels, from: number, to: number): number {
  const level = levels[from];
  let at = from + 1;
  while (at < to && levels[at] === level) at++;
  return at;
}

class Packed {
  readonly #buffer: Buffer;
  readonly #width: number;
  #at = 0;

  constructor(count: number, width: number) {
    // Each stretch begins with a varint of at most five bytes; a run stands for at least eight levels.
    this.#buffer = Buffer.allocUnsafe(Math.ceil(count / 8) * (width + 9) + 16);
    this.#width = width;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  run(level: number, count: number): void {
    this.#varint(count * 2);
    for (let bits = 0; bits < this.#width; bits += 8) this.#buffer[this.#at++] = level >> bits;
  }

  /** The last group is filled up with zeros. */
  pack(levels: Levels, from: number, to: number): void {
    if (from === to) return;
    const groups = Math.ceil((to - from) / 8);
    this.#varint(groups * 2 + 1);
    const [buffer, width] = [this.#buffer, this.#width];
    let [held, bits, out] = [0, 0, this.#at];
    for (let at = from; at < from + groups * 8; at++) {
      held |= (at < to ? (levels[at] as number) : 0) << bits;
      bits += width;
      while (bits >= 8) {
        buffer[out++] = held & 0xff;
        held >>>= 8;
        bits -= 8;
      }
    }
    this.#at = out;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }
}
