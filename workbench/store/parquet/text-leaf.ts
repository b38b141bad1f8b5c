import { ASIDE_MARK, asideNumber } from "../../schema/aside.ts";
import { withTexts } from "../../schema/with-texts.ts";
import type { Cut, Held } from "./leaf.ts";
import { Leaf } from "./leaf.ts";
import type { Physical } from "./physical.ts";
import { PHYSICAL } from "./physical.ts";

const PAGE_BYTES = 1 << 20;
const SMALLEST = 1 << 12;
const LENGTH_BYTES = 4;
const LONG = 1 << 20;
const MARK = ASIDE_MARK.charCodeAt(0);

/** Texts in UTF-8, each after its length. A text that was set aside is copied without being made a string. */
export class TextLeaf extends Leaf {
  #buffer: Buffer = Buffer.allocUnsafe(SMALLEST);
  #at = 0;
  #cuts: Cut[] = [];
  #pageAt = 0;
  #row = 0;

  constructor(path: readonly string[], held: Held, physical: Physical = PHYSICAL.text) {
    super(physical, path, held);
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "string") throw this.wrong("a text", value);
    const { aside } = this.held;
    if (aside !== null && value.charCodeAt(0) === MARK) {
      const n = asideNumber(value);
      if (n >= 0 && n < aside.count) {
        const [from, to] = [aside.bounds[2 * n] as number, aside.bounds[2 * n + 1] as number];
        this.#copy(slot, aside.bytes, from, to);
        return;
      }
    }
    this.putText(slot, value);
  }

  protected putText(slot: number, text: string): void {
    this.#begin(slot);
    // A UTF-16 unit is at most three bytes; of a long text it is worth counting them.
    this.#room(text.length < LONG ? text.length * 3 : Buffer.byteLength(text));
    this.#close(this.#buffer.write(text, this.#at + LENGTH_BYTES));
  }

  #copy(slot: number, bytes: Buffer, from: number, to: number): void {
    this.#begin(slot);
    this.#room(to - from);
    bytes.copy(this.#buffer, this.#at + LENGTH_BYTES, from, to);
    this.#close(to - from);
  }

  /** A page begins with a row. */
  #begin(slot: number): void {
    if (this.held.row !== this.#row) {
      this.#row = this.held.row;
      if (this.#at - this.#pageAt >= PAGE_BYTES) {
        this.#cuts.push({ row: this.#row, values: this.presence.count, bytes: this.#at });
        this.#pageAt = this.#at;
      }
    }
    this.presence.mark(slot);
  }

  #room(bytes: number): void {
    const needed = this.#at + LENGTH_BYTES + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, needed));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #close(length: number): void {
    const [buffer, at] = [this.#buffer, this.#at];
    buffer[at] = length;
    buffer[at + 1] = length >> 8;
    buffer[at + 2] = length >> 16;
    buffer[at + 3] = length >> 24;
    this.#at = at + LENGTH_BYTES + length;
    this.held.bytes += LENGTH_BYTES + length;
  }

  cuts(): readonly Cut[] {
    return this.#cuts;
  }

  end(row: number): Cut {
    return { row, values: this.presence.count, bytes: this.#at };
  }

  plain(from: Cut, to: Cut): Uint8Array {
    return this.#buffer.subarray(from.bytes, to.bytes);
  }

  reset(): void {
    if (this.#buffer.length > SMALLEST && this.#buffer.length > 4 * this.#at)
      this.#buffer = Buffer.allocUnsafe(SMALLEST);
    [this.#at, this.#pageAt, this.#row, this.#cuts] = [0, 0, 0, []];
    this.presence.reset();
  }
}

/** Any value as its JSON, in which a text that was set aside stands in full. */
export class JsonLeaf extends TextLeaf {
  constructor(path: readonly string[], held: Held) {
    super(path, held, PHYSICAL.json);
  }

  override put(slot: number, value: unknown): void {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) throw this.wrong("what JSON can say", value);
    const { aside } = this.held;
    this.putText(slot, aside === null ? json : withTexts(json, aside));
  }
}
