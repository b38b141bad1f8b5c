import type { Cut } from "./leaf.ts";
import { bitWidth, packedLevels } from "./levels.ts";
import type { Levelled } from "./node.ts";
import type { Stream } from "./stream.ts";
import type { Thrift } from "./thrift.ts";
import { i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

const [DATA_PAGE, PLAIN, RLE, UNCOMPRESSED] = [0, 0, 3, 0];

/** The pages of one leaf in one row group, and what the footer says about them. */
export interface Chunk {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly metadata: Thrift;
}

/** The chunk of a leaf that begins at `offset` of the file. Its pieces are valid until the leaf's `reset`. */
export function chunkOf({ leaf, stream }: Levelled, rows: number, offset: number): Chunk {
  const pieces: Uint8Array[] = [];
  let [from, entry]: [Cut, number] = [{ row: 0, values: 0, bytes: 0 }, 0];
  for (const to of [...leaf.cuts(), leaf.end(rows)]) {
    const end = to.row === rows ? stream.count : entryOfRow(stream, entry, to.row - from.row);
    const values = leaf.plain(from, to);
    pieces.push(...page({ stream, from: entry, to: end }, values));
    [from, entry] = [to, end];
  }
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const metadata = struct(
    [1, i32(leaf.physical.type)],
    [2, list([i32(PLAIN), i32(RLE)])],
    [3, list(leaf.path.map(text))],
    [4, i32(UNCOMPRESSED)],
    [5, i64(stream.count)],
    [6, i64(bytes)],
    [7, i64(bytes)],
    [9, i64(offset)],
  );
  return { pieces, bytes, metadata: struct([2, i64(0)], [3, metadata]) };
}

/** The entry at which the row begins that lies `rows` after the one that begins at `from`. */
function entryOfRow({ repetition }: Stream, from: number, rows: number): number {
  if (repetition === null) return from + rows;
  let [at, left] = [from, rows];
  for (at++; ; at++) if (repetition[at] === 0 && --left === 0) return at;
}

interface Entries {
  readonly stream: Stream;
  readonly from: number;
  readonly to: number;
}

function page(entries: Entries, values: Uint8Array): readonly Uint8Array[] {
  const levels = levelsOf(entries);
  const size = levels.length + values.length;
  const data = struct([1, i32(entries.to - entries.from)], [2, i32(PLAIN)], [3, i32(RLE)], [4, i32(RLE)]);
  const header = thriftBytes([
    [1, i32(DATA_PAGE)],
    [2, i32(size)],
    [3, i32(size)],
    [5, data],
  ]);
  return [header, levels, values];
}

/** Repetition and definition, each after its length; none of what can only be 0. */
function levelsOf({ stream, from, to }: Entries): Uint8Array {
  const { repetition, repetitionMax, definition, definitionMax } = stream;
  const packed = [packedLevels(definition, from, to, bitWidth(definitionMax))];
  if (repetition !== null) packed.unshift(packedLevels(repetition, from, to, bitWidth(repetitionMax)));
  return Buffer.concat(packed.flatMap((levels) => [lengthOf(levels), levels]));
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(bytes.length);
  return length;
}
