import type { Dictionary, Leaf, PageValues } from "./leaf.ts";
import { bitWidth, packedLevels } from "./levels.ts";
import type { Levelled } from "./node.ts";
import type { Stream } from "./stream.ts";
import type { Field, Thrift } from "./thrift.ts";
import { bytes as binary, i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2];
const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8];

/** How pages are made smaller; null leaves them as they are. */
export interface Codec {
  /** Its number in parquet.thrift. */
  readonly id: number;
  readonly compress: ((bytes: Uint8Array) => Uint8Array) | null;
}

/** The pages of one leaf in one row group, and what the footer says about them. */
export interface Chunk {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly metadata: Thrift;
}

export interface Place {
  readonly rows: number;
  /** Where in the file the chunk begins. */
  readonly offset: number;
  readonly codec: Codec;
}

/** The chunk of a leaf. Its pieces are valid until the leaf's `reset`. */
export function chunkOf({ leaf, stream }: Levelled, { rows, offset, codec }: Place): Chunk {
  const dictionary = leaf.dictionary();
  const pages: Page[] = dictionary === null ? [] : [dictionaryPage(dictionary, codec)];
  let [row, entry] = [0, 0];
  for (const values of leaf.pages(rows)) {
    const end = values.row === rows ? stream.count : entryOfRow(stream, entry, values.row - row);
    pages.push(dataPage({ stream, from: entry, to: end }, values, codec));
    [row, entry] = [values.row, end];
  }
  const bytes = sum(pages, (page) => page.bytes);
  const dictionaryBytes = dictionary === null ? 0 : (pages[0] as Page).bytes;
  const metadata = struct(
    [1, i32(leaf.physical.type)],
    [2, list([PLAIN, RLE, ...(dictionary === null ? [] : [RLE_DICTIONARY])].map(i32))],
    [3, list(leaf.path.map(text))],
    [4, i32(codec.id)],
    [5, i64(stream.count)],
    [6, i64(sum(pages, ({ plainBytes }) => plainBytes))],
    [7, i64(bytes)],
    [9, i64(offset + dictionaryBytes)],
    ...(dictionary === null ? [] : [[11, i64(offset)] as const]),
    // A value within a list belongs to no row alone: nobody asks for the least.
    ...(stream.repetition === null ? [[12, statistics(leaf, stream)] as const] : []),
  );
  const pieces = pages.flatMap((page) => page.pieces);
  const encoded = thriftBytes([
    [2, i64(0)],
    [3, metadata],
  ]);
  return { pieces, bytes, metadata: { encoded } };
}

function statistics(leaf: Leaf, stream: Stream): Thrift {
  const bounds = leaf.bounds();
  const nulls: Field = [3, i64(stream.count - leaf.presence.count)];
  if (bounds === null) return struct(nulls);
  return struct(nulls, [5, binary(bounds.greatest)], [6, binary(bounds.least)]);
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0);

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

/** A page: its header and its body, and how long it would be were it not compressed. */
interface Page {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly plainBytes: number;
}

function dictionaryPage({ count, bytes }: Dictionary, codec: Codec): Page {
  const header = struct([1, i32(count)], [2, i32(PLAIN)]);
  return pageOf({ type: DICTIONARY_PAGE, header: [7, header] }, [bytes], codec);
}

function dataPage(entries: Entries, { bytes, isIndexed }: PageValues, codec: Codec): Page {
  const header = struct(
    [1, i32(entries.to - entries.from)],
    [2, i32(isIndexed ? RLE_DICTIONARY : PLAIN)],
    [3, i32(RLE)],
    [4, i32(RLE)],
  );
  return pageOf({ type: DATA_PAGE, header: [5, header] }, [...levelsOf(entries), bytes], codec);
}

interface Kind {
  readonly type: number;
  readonly header: readonly [number, Thrift];
}

function pageOf({ type, header }: Kind, body: readonly Uint8Array[], { compress }: Codec): Page {
  const length = (pieces: readonly Uint8Array[]): number => sum(pieces, (piece) => piece.length);
  const packed = compress === null ? body : [compress(Buffer.concat(body))];
  const head = thriftBytes([[1, i32(type)], [2, i32(length(body))], [3, i32(length(packed))], header]);
  const bytes = head.length + length(packed);
  return { pieces: [head, ...packed], bytes, plainBytes: head.length + length(body) };
}

/** Repetition and definition, each after its length; none of what can only be 0. */
function levelsOf(entries: Entries): readonly Uint8Array[] {
  const { repetition, repetitionMax, definition, definitionMax } = entries.stream;
  const packed = [packedOnce(definition, bitWidth(definitionMax), entries)];
  if (repetition !== null) packed.unshift(packedOnce(repetition, bitWidth(repetitionMax), entries));
  return packed.flatMap((levels) => [lengthOf(levels), levels]);
}

interface Packed {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly bytes: Buffer;
}

/** The last levels of each array: columns beside each other share theirs, and nothing changes them once they are made. */
const PACKED = new WeakMap<Uint8Array, Packed>();

function packedOnce(levels: Uint8Array, width: number, { from, to }: Entries): Buffer {
  const last = PACKED.get(levels);
  if (last?.from === from && last.to === to && last.width === width) return last.bytes;
  const bytes = packedLevels(levels, from, to, width);
  PACKED.set(levels, { from, to, width, bytes });
  return bytes;
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(bytes.length);
  return length;
}
