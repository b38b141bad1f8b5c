import type { Aside } from "../../schema/aside.ts";
import type { Physical } from "./physical.ts";
import { Presence } from "./presence.ts";

/** The row that is being added, and how much the row group holds: the leaves of a file share it. */
export interface Held {
  aside: Aside | null;
  row: number;
  /** Bytes of texts, and a few for each element of a list. */
  bytes: number;
}

/** Where a page begins: at which row, and how many values and, of texts, bytes lie before it. */
export interface Cut {
  readonly row: number;
  readonly values: number;
  readonly bytes: number;
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

  /** Where pages begin, other than the first. */
  abstract cuts(): readonly Cut[];

  /** Values between two cuts, plainly encoded. Valid until the next `put` or `reset`. */
  abstract plain(from: Cut, to: Cut): Uint8Array;

  /** After the last value. */
  abstract end(rows: number): Cut;

  /** Forgets the row group. */
  abstract reset(): void;

  /** A value of another type than its column's was let through by whoever made the row. */
  protected wrong(expected: string, value: unknown): Error {
    return new Error(`column ${this.path.join(".")} takes ${expected}, not ${shown(value)}`);
  }
}

/** A text is never shown: an error may be read by more people than the log. */
const shown = (value: unknown): string =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
