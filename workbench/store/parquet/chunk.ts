import type { Bounds, Dictionary, PageValues } from "./leaf.ts";
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

/** The pages of one leaf in one row group. */
export interface Chunk {
  readonly pieces: readonly Uint8Array[];
  readonly about: AboutChunk;
}

/** What the footer says of a chunk, but where in the file it lies. Plain data: another thread may have made it. */
export interface AboutChunk {
  readonly type: number;
  readonly path: readonly string[];
  readonly codec: number;
  /** Entries: values, nulls, empty lists. */
  readonly entries: number;
  readonly bytes: number;
  readonly plainBytes: number;
  /** The dictionary is the first page; null without one. */
  readonly dictionaryBytes: number | null;
  /** A value within a list belongs to no row alone, nobody asks for the least: null. */
  readonly statistics: { readonly nulls: number; readonly bounds: Bounds | null } | null;
}

/** The chunk of a leaf in a row group of `rows`. Its pieces are valid until the leaf's `reset`. */
export function chunkOf({ leaf, stream }: Levelled, rows: number, codec: Codec): Chunk {
  const dictionary = leaf.dictionary();
  const pages: Page[] = dictionary === null ? [] : [dictionaryPage(dictionary, codec)];
  let [row, entry] = [0, 0];
  for (const values of leaf.pages(rows)) {
    const end = values.row === rows ? stream.count : entryOfRow(stream, entry, values.row - row);
    pages.push(dataPage({ stream, from: entry, to: end }, values, codec));
    [row, entry] = [values.row, end];
  }
  const about = {
    type: leaf.physical.type,
    path: leaf.path,
    codec: codec.id,
    entries: stream.count,
    bytes: sum(pages, (page) => page.bytes),
    plainBytes: sum(pages, ({ plainBytes }) => plainBytes),
    dictionaryBytes: dictionary === null ? null : (pages[0] as Page).bytes,
    statistics:
      stream.repetition === null
        ? { nulls: stream.count - leaf.presence.count, bounds: copied(leaf.bounds()) }
        : null,
  };
  return { pieces: pages.flatMap((page) => page.pieces), about };
}

/** What bounds are made of is used again for the next row group. */
const copied = (bounds: Bounds | null): Bounds | null =>
  bounds && { least: Uint8Array.from(bounds.least), greatest: Uint8Array.from(bounds.greatest) };

/** The footer's entry of a chunk that begins at `offset` of the file. */
export function chunkFields(about: AboutChunk, offset: number): Thrift {
  const { dictionaryBytes } = about;
  const metadata = struct(
    [1, i32(about.type)],
    [2, list([PLAIN, RLE, ...(dictionaryBytes === null ? [] : [RLE_DICTIONARY])].map(i32))],
    [3, list(about.path.map(text))],
    [4, i32(about.codec)],
    [5, i64(about.entries)],
    [6, i64(about.plainBytes)],
    [7, i64(about.bytes)],
    [9, i64(offset + (dictionaryBytes ?? 0))],
    ...(dictionaryBytes === null ? [] : [[11, i64(offset)] as const]),
    ...(about.statistics === null ? [] : [[12, statisticsFields(about.statistics)] as const]),
  );
  return struct([2, i64(0)], [3, metadata]);
}

function statisticsFields({ nulls, bounds }: NonNullable<AboutChunk["statistics"]>): Thrift {
  const count: Field = [3, i64(nulls)];
  if (bounds === null) return struct(count);
  return struct(count, [5, binary(bounds.greatest)], [6, binary(bounds.least)]);
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
