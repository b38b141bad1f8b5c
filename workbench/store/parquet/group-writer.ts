import { UNCOMPRESSED, ZSTD } from "./codec.ts";
import type { Codec } from "./chunk.ts";
import type { ColumnTypes } from "./column.ts";
import type { Held } from "./leaf.ts";
import type { Members, Node } from "./node.ts";
import { membersOf, putMembers } from "./node.ts";
import type { RowGroup } from "./row-group.ts";
import { groupOf } from "./row-group.ts";

/** What a file of rows holds, and how. */
export interface Shape {
  readonly columns: ColumnTypes;
  /** Columns whose values come beside the row. */
  readonly beside?: readonly string[];
  /** Columns that say the same in all rows and are only known at the end. */
  readonly atEnd?: readonly string[];
  /** Default: none, for whoever reads the file once. */
  readonly compression?: "zstd";
}

/** Makes row groups of rows. */
export interface GroupWriter {
  /**
   * Adds a row: each column from `own` when it is one of the `beside` columns, else from `row`. null and undefined are
   * NULL. Throws when a value is of another type than its column: a bug of ours.
   */
  readonly add: (row: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>) => void;
  readonly rows: () => number;
  /** A row group is due. */
  readonly isFull: () => boolean;
  /** Hands the rows that are held to `use`, and forgets them. What it is given is valid until the next `add`. */
  readonly take: <T>(use: (group: RowGroup) => T) => T;
}

const GROUP_ROWS = 20_480;
const GROUP_BYTES = 32 << 20;

export function groupWriter(shape: Shape): GroupWriter {
  const held: Held = { row: 0, bytes: 0 };
  const { inRow, beside } = partition(shape, held);
  const columns = new Map([...inRow, ...beside]);
  const codec = codecOf(shape);
  return {
    add: (row, own) => {
      putMembers(inRow, held.row, row);
      putMembers(beside, held.row, own);
      held.row++;
    },
    rows: () => held.row,
    isFull: () => held.row >= GROUP_ROWS || held.bytes >= GROUP_BYTES,
    take: (use) => {
      const used = use(groupOf(columns, held.row, codec));
      for (const column of columns.values()) column.reset();
      Object.assign(held, { row: 0, bytes: 0 });
      return used;
    },
  };
}

/** The columns that are only known at the end, for a row group of `rows`. */
export function groupAtEnd(shape: Shape, rows: number, known: Readonly<Record<string, unknown>>): RowGroup {
  const { atEnd } = partition(shape, { row: 0, bytes: 0 });
  for (let slot = 0; slot < rows; slot++) putMembers(atEnd, slot, known);
  return groupOf(atEnd, rows, codecOf(shape));
}

const codecOf = ({ compression }: Shape): Codec => (compression === "zstd" ? ZSTD : UNCOMPRESSED);

interface Parts {
  /** Columns of the row itself. */
  readonly inRow: Members;
  readonly beside: Members;
  readonly atEnd: Members;
}

function partition({ columns, beside = [], atEnd = [] }: Shape, held: Held): Parts {
  const all = [...membersOf(columns, [], held)];
  const named = (names: readonly string[]): Members => new Map(all.filter(([name]) => names.includes(name)));
  const isOther = ([name]: readonly [string, Node]): boolean =>
    !beside.includes(name) && !atEnd.includes(name);
  return { inRow: new Map(all.filter(isOther)), beside: named(beside), atEnd: named(atEnd) };
}
