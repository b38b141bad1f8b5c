import type { Aside } from "../../schema/aside.ts";
import type { Effects } from "../effects.ts";
import { appendPieces } from "./append-pieces.ts";
import { UNCOMPRESSED, ZSTD } from "./codec.ts";
import type { ColumnTypes } from "./column.ts";
import { MAGIC, footer } from "./footer.ts";
import type { Held } from "./leaf.ts";
import type { Members, Node } from "./node.ts";
import { membersOf, putMembers } from "./node.ts";
import type { RowGroup } from "./row-group.ts";
import { takeColumns } from "./row-group.ts";

/** A Parquet file that grows by rows. Nothing reads it before `end`. */
export interface RowFile {
  readonly path: string;
  /**
   * Adds a row: each column from `own` when it is one of the file's `beside` columns, else from `row`. null and
   * undefined are NULL. Where `aside` is given, a stand-in is the text it stands for. Throws when a value is of
   * another type than its column: a bug of ours.
   */
  readonly add: (
    row: Readonly<Record<string, unknown>>,
    own: Readonly<Record<string, unknown>>,
    aside: Aside | null,
  ) => void;
  readonly rows: () => number;
  /** A row group is due. */
  readonly isFull: () => boolean;
  /** Writes the row group that is held. */
  readonly flush: () => Promise<void>;
  /**
   * Writes what is held, the columns that are only known now, and the footer. The file is there and valid with
   * no rows too.
   */
  readonly end: (known?: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface Shape {
  readonly columns: ColumnTypes;
  /** Columns whose values come beside the row. */
  readonly beside?: readonly string[];
  /** Columns that say the same in all rows and are only known at the end. */
  readonly atEnd?: readonly string[];
  /** Default: none, for whoever reads the file once. */
  readonly compression?: "zstd";
}

const GROUP_ROWS = 20_480;
const GROUP_BYTES = 32 << 20;

/** Starts a Parquet file at `path`. Texts that repeat are written once a row group. */
export async function rowFile(path: string, shape: Shape, effects: Effects): Promise<RowFile> {
  const held: Held = { aside: null, row: 0, bytes: 0 };
  const { inRow, beside, atEnd } = partition(shape, held);
  const codec = shape.compression === "zstd" ? ZSTD : UNCOMPRESSED;
  const groups: RowGroup[] = [];
  let [rows, offset] = [0, MAGIC.length];
  await effects.write(path, MAGIC, { mode: 0o600 });

  const write = async (group: RowGroup, columns: Members): Promise<void> => {
    const before = group.bytes;
    await appendPieces(path, takeColumns(group, columns, { offset, codec }), effects);
    offset += group.bytes - before;
    for (const column of columns.values()) column.reset();
  };
  const flush = async (): Promise<void> => {
    if (held.row === 0) return;
    const group = { rows: held.row, chunks: new Map(), bytes: 0 };
    groups.push(group);
    await write(group, new Map([...inRow, ...beside]));
    Object.assign(held, { aside: null, row: 0, bytes: 0 });
  };
  return {
    path,
    add: (row, own, aside) => {
      held.aside = aside;
      putMembers(inRow, held.row, row);
      putMembers(beside, held.row, own);
      held.row++;
      rows++;
    },
    rows: () => rows,
    isFull: () => held.row >= GROUP_ROWS || held.bytes >= GROUP_BYTES,
    flush,
    end: async (known = {}) => {
      await flush();
      for (const group of groups) {
        for (let slot = 0; slot < group.rows; slot++) putMembers(atEnd, slot, known);
        await write(group, atEnd);
      }
      await effects.append(path, footer(shape.columns, groups));
    },
  };
}

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
