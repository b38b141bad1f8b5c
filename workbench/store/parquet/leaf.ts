import type { Physical } from "./physical.ts";
import { Presence } from "./presence.ts";

/** The row that is being added, and how much the row group holds: the leaves of a file share it. */
export interface Held {
  row: number;
  /** Bytes of texts, and a few for each element of a list. */
  bytes: number;
}

/** The values of a page, up to but not including `row`. */
export interface PageValues {
  readonly row: number;
  readonly isIndexed: boolean;
  /** Plainly encoded; or, where `isIndexed`, places in the chunk's dictionary. */
  readonly bytes: Uint8Array;
}

export interface Dictionary {
  readonly count: number;
  /** The distinct values, plainly encoded. */
  readonly bytes: Uint8Array;
}

/** The least and the greatest value, as statistics have them. */
export interface Bounds {
  readonly least: Uint8Array;
  readonly greatest: Uint8Array;
}

/** A column of plain values: which places of its parent have one, and the values as they will lie in the file. */
export abstract class Leaf {
  readonly physical: Physical;
  readonly path: readonly string[];
  readonly presence = new Presence();
  protected readonly held: Held;

  constructor(physical: Physical, path: readonly string[], held: Held) {
    this.physical = physical;
    this.path = path;
    this.held = held;
  }

  /** Takes a value that is not null, for a place after all earlier ones. */
  abstract put(slot: number, value: unknown): void;

  /** All values in pages that begin with a row, the last up to `rows`. Valid until the next `put` or `reset`. */
  abstract pages(rows: number): readonly PageValues[];

  /** What the places in indexed pages mean; null when there is no such page. */
  abstract dictionary(): Dictionary | null;

  /** Null when they are not known, or too long to be of use. */
  abstract bounds(): Bounds | null;

  /** Forgets the row group. Memory is kept, unless it is far more than this one needed. */
  abstract reset(): void;

  /** A value of another type than its column's was let through by whoever made the row. */
  protected wrong(expected: string, value: unknown): Error {
    return new Error(`column ${this.path.join(".")} takes ${expected}, not ${shown(value)}`);
  }
}

/** A text is never shown: an error may be read by more people than the log. */
const shown = (value: unknown): string =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
