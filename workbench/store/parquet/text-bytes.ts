const SMALLEST = 1 << 12;
const LENGTH_BYTES = 4;
const LONG = 1 << 20;

/** Texts in UTF-8, each after its length: Parquet's plain encoding of BYTE_ARRAY. */
export class TextBytes {
  end = 0;
  #buffer: Buffer = Buffer.allocUnsafe(SMALLEST);

  add(text: string): void {
    // A UTF-16 unit is at most three bytes; of a long text it is worth counting them.
    this.#room(text.length < LONG ? text.length * 3 : Buffer.byteLength(text));
    this.#close(this.#buffer.write(text, this.end + LENGTH_BYTES));
  }

  /** Valid until the next text. */
  bytes(from: number, to: number): Buffer {
    return this.#buffer.subarray(from, to);
  }

  /** Each text, without its length. */
  *texts(): Generator<Buffer> {
    for (let at = 0; at < this.end;) {
      const from = at + LENGTH_BYTES;
      at = from + this.#buffer.readUInt32LE(at);
      yield this.#buffer.subarray(from, at);
    }
  }

  reset(): void {
    if (this.#buffer.length > SMALLEST && this.#buffer.length > 4 * this.end)
      this.#buffer = Buffer.allocUnsafe(SMALLEST);
    this.end = 0;
  }

  #room(bytes: number): void {
    const needed = this.end + LENGTH_BYTES + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, needed));
    this.#buffer.copy(larger, 0, 0, this.end);
    this.#buffer = larger;
  }

  #close(length: number): void {
    const [buffer, at] = [this.#buffer, this.end];
    buffer[at] = length;
    buffer[at + 1] = length >> 8;
    buffer[at + 2] = length >> 16;
    buffer[at + 3] = length >> 24;
    this.end = at + LENGTH_BYTES + length;
  }
}
