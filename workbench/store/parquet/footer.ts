import type { ColumnTypes } from "./column.ts";
import type { RowGroup } from "./row-group.ts";
import { schemaList } from "./schema.ts";
import type { Thrift } from "./thrift.ts";
import { i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

/** The first and the last four bytes of a file. */
export const MAGIC = "PAR1";

const TYPE_ORDER = struct([1, struct()]);

/** The end of a file: its schema, where in it everything lies, and the length of that. */
export function footer(columns: ColumnTypes, groups: readonly RowGroup[]): Buffer {
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

function groupFields(group: RowGroup, names: readonly string[]): Thrift {
  return struct([1, list(chunksOf(group, names))], [2, i64(group.bytes)], [3, i64(group.rows)]);
}

const chunksOf = ({ chunks }: RowGroup, names: readonly string[]): readonly Thrift[] =>
  names.flatMap((name) => chunks.get(name) ?? []);
