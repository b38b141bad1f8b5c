import type { Aside } from "../../schema/aside.ts";
import type { Effects } from "../effects.ts";
import type { Place } from "./chunk.ts";
import { chunkOf } from "./chunk.ts";
import { UNCOMPRESSED, ZSTD } from "./codec.ts";
import type { ColumnTypes } from "./column.ts";
import type { Held } from "./leaf.ts";
import type { Members, Node } from "./node.ts";
import { membersOf, putMembers } from "./node.ts";
import { schemaList } from "./schema.ts";
import { rowStream } from "./stream.ts";
import type { Thrift } from "./thrift.ts";
import { i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

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
  /** Writes what is held and the footer. The file is there and valid with no rows too. */
  readonly end: () => Promise<void>;
}

export interface Shape {
  readonly columns: ColumnTypes;
  /** Columns whose values come beside the row. */
  readonly beside?: readonly string[];
  /** Default: none, for whoever reads the file once. */
  readonly compression?: "zstd";
}

const MAGIC = "PAR1";
const GROUP_ROWS = 20_480;
const GROUP_BYTES = 32 << 20;

/** Starts a Parquet file at `path`. Texts that repeat are written once a row group. */
export async function rowFile(path: string, shape: Shape, effects: Effects): Promise<RowFile> {
  const held: Held = { aside: null, row: 0, bytes: 0 };
  const columns = membersOf(shape.columns, [], held);
  const [inRow, beside] = partition(columns, shape.beside);
  const codec = shape.compression === "zstd" ? ZSTD : UNCOMPRESSED;
  const groups: Thrift[] = [];
  let [rows, offset] = [0, MAGIC.length];
  await effects.write(path, MAGIC, { mode: 0o600 });

  const flush = async (): Promise<void> => {
    if (held.row === 0) return;
    const group = groupOf(columns, { rows: held.row, offset, codec });
    await appendPieces(path, group.pieces, effects);
    groups.push(group.metadata);
    offset += group.bytes;
    for (const column of columns.values()) column.reset();
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
    end: async () => {
      await flush();
      await effects.append(path, footer(shape.columns, rows, groups));
    },
  };
}

/** The columns of the row, and those that come beside it. */
function partition(columns: Members, beside: readonly string[] = []): readonly [Members, Members] {
  const isBeside = ([name]: readonly [string, Node]): boolean => beside.includes(name);
  const all = [...columns];
  return [new Map(all.filter((column) => !isBeside(column))), new Map(all.filter(isBeside))];
}

interface Group {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly metadata: Thrift;
}

function groupOf(columns: Members, { rows, offset, codec }: Place): Group {
  const stream = rowStream(rows);
  const pieces: Uint8Array[] = [];
  const chunks: Thrift[] = [];
  let bytes = 0;
  for (const levelled of [...columns.values()].flatMap((column) => column.levelled(stream))) {
    const chunk = chunkOf(levelled, { rows, offset: offset + bytes, codec });
    for (const piece of chunk.pieces) pieces.push(piece);
    chunks.push(chunk.metadata);
    bytes += chunk.bytes;
  }
  return { pieces, bytes, metadata: struct([1, list(chunks)], [2, i64(bytes)], [3, i64(rows)]) };
}

const GATHERED = 1 << 16;

/** Appends pieces in order: small ones together, as each call costs; large ones as they lie, as a copy does. */
async function appendPieces(path: string, pieces: readonly Uint8Array[], effects: Effects): Promise<void> {
  let small: Uint8Array[] = [];
  const append = async (): Promise<void> => {
    if (small.length > 0) await effects.append(path, Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < GATHERED) small.push(piece);
    else {
      await append();
      await effects.append(path, piece);
    }
  }
  await append();
}

function footer(columns: ColumnTypes, rows: number, groups: readonly Thrift[]): Buffer {
  const metadata = thriftBytes([
    [1, i32(1)],
    [2, schemaList(columns)],
    [3, i64(rows)],
    [4, list(groups)],
    [6, text("workbench")],
  ]);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(metadata.length);
  end.write(MAGIC, 4);
  return Buffer.concat([metadata, end]);
}
