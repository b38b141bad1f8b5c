import type { Place } from "./chunk.ts";
import { chunkOf } from "./chunk.ts";
import type { Members } from "./node.ts";
import { rowStream } from "./stream.ts";
import type { Thrift } from "./thrift.ts";

/** What the footer says of a row group: of each column the chunks of its leaves. */
export interface RowGroup {
  readonly rows: number;
  readonly chunks: Map<string, readonly Thrift[]>;
  bytes: number;
}

/** Adds what `columns` hold of a row group's rows to it; returns the bytes, which begin at `offset` of the file. */
export function takeColumns(
  group: RowGroup,
  columns: Members,
  { offset, codec }: Omit<Place, "rows">,
): readonly Uint8Array[] {
  const stream = rowStream(group.rows);
  const pieces: Uint8Array[] = [];
  let at = offset;
  for (const [name, column] of columns) {
    const chunks: Thrift[] = [];
    for (const levelled of column.levelled(stream)) {
      const chunk = chunkOf(levelled, { rows: group.rows, offset: at, codec });
      for (const piece of chunk.pieces) pieces.push(piece);
      chunks.push(chunk.metadata);
      at += chunk.bytes;
    }
    group.chunks.set(name, chunks);
  }
  group.bytes += at - offset;
  return pieces;
}
