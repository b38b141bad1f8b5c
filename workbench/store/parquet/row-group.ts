import type { AboutChunk, Codec } from "./chunk.ts";
import { chunkOf } from "./chunk.ts";
import type { Members } from "./node.ts";
import { rowStream } from "./stream.ts";

/** A row group as it will lie in a file, wherever that is. Plain data: another thread may have made it. */
export interface RowGroup {
  readonly rows: number;
  /** Of each column the chunks of its leaves, in the order of `pieces`. */
  readonly columns: readonly (readonly [name: string, chunks: readonly AboutChunk[]])[];
  readonly pieces: readonly Uint8Array[];
}

/** What `columns` hold of `rows` rows. Its pieces are valid until their `reset`. */
export function groupOf(columns: Members, rows: number, codec: Codec): RowGroup {
  const stream = rowStream(rows);
  const pieces: Uint8Array[] = [];
  const about: [string, readonly AboutChunk[]][] = [];
  for (const [name, column] of columns) {
    const chunks = column.levelled(stream).map((levelled) => chunkOf(levelled, rows, codec));
    for (const chunk of chunks) for (const piece of chunk.pieces) pieces.push(piece);
    about.push([name, chunks.map((chunk) => chunk.about)]);
  }
  return { rows, columns: about, pieces };
}
