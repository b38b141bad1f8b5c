import type { Bounds, Dictionary, Held, PageValues } from "./leaf.ts";
import { Leaf } from "./leaf.ts";
import type { Physical } from "./physical.ts";
import { PHYSICAL } from "./physical.ts";
import { TextBytes } from "./text-bytes.ts";
import { TextIndex } from "./text-index.ts";

const PAGE_BYTES = 1 << 20;
const INDEX_BYTES = 4;
const LONGEST_BOUND = 64;

/** Where a page of texts as they are begins. */
interface Cut {
  readonly row: number;
  readonly byte: number;
}

/**
 * Texts. The first of a row group are indexed, for many columns say the same in most rows; once too few
 * repeat, the rest of it is written as it is. No row group depends on another one: whoever makes it, it is the same.
 */
export class TextLeaf extends Leaf {
  #isIndexing = true;
  readonly #index = new TextIndex();
  readonly #plain = new TextBytes();
  #cuts: Cut[] = [];
  #pageAt = 0;
  #row = 0;

  constructor(path: readonly string[], held: Held, physical: Physical = PHYSICAL.text) {
    super(physical, path, held);
  }

  put(slot: number, value: unknown): void {
    if (typeof value !== "string") throw this.wrong("a text", value);
    this.putText(slot, value);
  }

  protected putText(slot: number, text: string): void {
    this.#begin(slot);
    if (this.#isIndexing) this.#addIndexed(text);
    else {
      const before = this.#plain.end;
      this.#plain.add(text);
      this.held.bytes += this.#plain.end - before;
    }
  }

  #addIndexed(text: string): void {
    const before = this.#index.distinct.end;
    this.#index.add(text);
    this.held.bytes += INDEX_BYTES + this.#index.distinct.end - before;
  }

  /** A page begins with a row, so that is where it is seen whether one is due. */
  #begin(slot: number): void {
    const { row } = this.held;
    if (row !== this.#row) {
      this.#row = row;
      if (this.#isIndexing) {
        if (this.#index.isOverfull()) this.#isIndexing = false;
        if (!this.#isIndexing) this.#cuts.push({ row, byte: 0 });
      } else if (this.#plain.end - this.#pageAt >= PAGE_BYTES) {
        this.#pageAt = this.#plain.end;
        this.#cuts.push({ row, byte: this.#pageAt });
      }
    }
    this.presence.mark(slot);
  }

  pages(rows: number): readonly PageValues[] {
    const pages: PageValues[] = [];
    const ends = [...this.#cuts, { row: rows, byte: this.#plain.end }];
    let from = 0;
    for (const [n, { row, byte }] of ends.entries()) {
      const isIndexed = n === 0 && this.#index.count > 0;
      const bytes = isIndexed ? this.#index.bytes() : this.#plain.bytes(from, byte);
      pages.push({ row, isIndexed, bytes });
      from = byte;
    }
    return pages;
  }

  dictionary(): Dictionary | null {
    const { count, size, distinct } = this.#index;
    return count === 0 ? null : { count: size, bytes: distinct.bytes(0, distinct.end) };
  }

  /** Known where all texts are indexed. */
  bounds(): Bounds | null {
    if (this.#plain.end > 0 || this.#index.count === 0) return null;
    let least: Buffer | null = null;
    let greatest: Buffer | null = null;
    for (const text of this.#index.distinct.texts()) {
      if (text.length > LONGEST_BOUND) return null;
      if (least === null || text.compare(least) < 0) least = text;
      if (greatest === null || text.compare(greatest) > 0) greatest = text;
    }
    return least === null || greatest === null ? null : { least, greatest };
  }

  reset(): void {
    [this.#isIndexing, this.#pageAt, this.#row, this.#cuts] = [true, 0, 0, []];
    this.#index.reset();
    this.#plain.reset();
    this.presence.reset();
  }
}

/** Any value as its JSON. */
export class JsonLeaf extends TextLeaf {
  constructor(path: readonly string[], held: Held) {
    super(path, held, PHYSICAL.json);
  }

  override bounds(): null {
    return null;
  }

  override put(slot: number, value: unknown): void {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) throw this.wrong("what JSON can say", value);
    this.putText(slot, json);
  }
}
