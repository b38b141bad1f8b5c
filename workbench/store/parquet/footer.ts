import type { AboutChunk } from "./chunk.ts";
import { chunkFields } from "./chunk.ts";
import type { ColumnTypes } from "./column.ts";
import { schemaList } from "./schema.ts";
import type { Thrift } from "./thrift.ts";
import { i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

/** The first and the last four bytes of a file. */
export const MAGIC = "PAR1";

/** Where in a file a row group's chunks lie, by column. */
export interface GroupPlace {
  readonly rows: number;
  readonly columns: Map<string, readonly Place[]>;
}

const TYPE_ORDER = struct([1, struct()]);

/** The end of a file: its schema, where in it everything lies, and the length of that. */
export function footer(columns: ColumnTypes, groups: readonly GroupPlace[]): Buffer {
  const names = Object.keys(columns);
  const leaves = groups[0] === undefined ? [] : chunksOf(groups[0], names);
  const metadata = thriftBytes([
    [1, i32(1)],
    [2, schemaList(columns)],
    [3, i64(groups.reduce((rows, group) => rows + group.rows, 0))],
    [4, list(groups.map((group) => groupFields(group, names)))],
    [6, text("workbench")],
    // Without it the least and greatest values of texts mean nothing.
    [7, list(leaves.map(() => TYPE_ORDER))],
  ]);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(metadata.length);
  end.write(MAGIC, 4);
  return Buffer.concat([metadata, end]);
}

function groupFields(group: GroupPlace, names: readonly string[]): Thrift {
  const bytes = placesOf(group, names).reduce((sum, { about }) => sum + about.bytes, 0);
  return struct([1, list(chunksOf(group, names))], [2, i64(bytes)], [3, i64(group.rows)]);
}

const chunksOf = (group: GroupPlace, names: readonly string[]): readonly Thrift[] =>
  placesOf(group, names).map(({ about, offset }) => chunkFields(about, offset));

const placesOf = ({ columns }: GroupPlace, names: readonly string[]): Place[] =>
  names.flatMap((name) => columns.get(name) ?? []);

interface Place {
  readonly about: AboutChunk;
  readonly offset: number;
}
