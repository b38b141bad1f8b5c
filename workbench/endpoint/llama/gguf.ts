import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";

/** What a GGUF header says, as far as serving needs it. */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type: number;
  }[];
}

const MAX_ENTRIES = 100_000;
const MAX_ITEMS = 4_000_000;
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** ggml type → [elements per block, bytes per block], from ggml-common.h. */
const BLOCK: Readonly<Record<number, readonly [number, number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};

/**
 * Reads a GGUF header from the first bytes of a file and checks that every count, length and tensor
 * lies inside the file, before a C++ library believes any of them. `head` may be shorter than the
 * file, but must hold the whole header. Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * Throws WB_MODEL_INVALID naming the file and what lies.
 */
export function readGguf(head: Buffer, file: { readonly path: string; readonly bytes: number }): GgufHeader {
  const reader = new Reader(head, file.path);
  if (head.subarray(0, 4).toString("latin1") !== "GGUF") throw invalid(file.path, "this is not a GGUF file");
  reader.at = 4;
  const version = reader.u32();
  if (version !== 2 && version !== 3)
    throw invalid(file.path, `GGUF version ${version} is unknown (2 and 3 are known)`);
  const tensorCount = reader.count("tensors", MAX_ENTRIES);
  const metadataCount = reader.count("metadata entries", MAX_ENTRIES);
  const metadata = new Map<string, unknown>();
  for (let n = 0; n < metadataCount; n++) {
    const key = reader.text();
    if (metadata.has(key)) throw invalid(file.path, `the metadata key ${quoted(key)} stands there twice`);
    metadata.set(key, reader.value(reader.u32(), 0));
  }
  const tensors = Array.from({ length: tensorCount }, () => reader.tensor());
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 8 || alignment > 65_536 || alignment % 8 !== 0)
    throw invalid(file.path, `the alignment ${quoted(alignment)} is no multiple of 8`);
  const start = Math.ceil(reader.at / alignment) * alignment;
  for (const { name, offset, size } of tensors)
    if (offset % alignment !== 0 || start + offset + size > file.bytes)
      throw invalid(file.path, `the tensor ${quoted(name)} lies outside the file`);
  if (new Set(tensors.map(({ name }) => name)).size !== tensors.length)
    throw invalid(file.path, "two tensors have one name");
  return { version, metadata, tensors };
}

/** A cursor that never leaves its bytes. */
class Reader {
  at = 0;
  readonly head: Buffer;
  readonly path: string;

  constructor(head: Buffer, path: string) {
    this.head = head;
    this.path = path;
  }

  take(size: number): number {
    if (size > this.head.length - this.at)
      throw invalid(this.path, "the header ends in the middle, or a length in it lies");
    this.at += size;
    return this.at - size;
  }

  u32(): number {
    return this.head.readUInt32LE(this.take(4));
  }

  count(what: string, limit: number): number {
    const value = this.head.readBigUInt64LE(this.take(8));
    if (value > BigInt(limit))
      throw invalid(this.path, `it claims ${value} ${what}; more than ${limit} is refused`);
    return Number(value);
  }

  text(): string {
    const size = this.count("bytes of text", this.head.length);
    const start = this.take(size);
    return this.head.toString("utf8", start, start + size);
  }

  value(type: number, depth: number): unknown {
    if (type === 8) return this.text();
    if (type !== 9) return this.scalar(type);
    if (depth > 1) throw invalid(this.path, "arrays in it are nested too deeply");
    const itemType = this.u32();
    const count = this.count("array items", MAX_ITEMS);
    return Array.from({ length: this.fits(count, itemType) }, () => this.value(itemType, depth + 1));
  }

  /** An array's claimed count cannot exceed what the bytes left could hold. */
  fits(count: number, itemType: number): number {
    if (count * (SCALAR_BYTES[itemType] ?? 8) > this.head.length - this.at)
      throw invalid(this.path, `it claims an array of ${count} items that the file cannot hold`);
    return count;
  }

  scalar(type: number): unknown {
    const size = SCALAR_BYTES[type];
    if (size === undefined) throw invalid(this.path, `the metadata type ${type} is unknown`);
    const at = this.take(size);
    if (type === 6) return this.head.readFloatLE(at);
    if (type === 12) return this.head.readDoubleLE(at);
    if (type === 7) return this.head.readUInt8(at) !== 0;
    if (type === 10) return Number(this.head.readBigUInt64LE(at));
    if (type === 11) return Number(this.head.readBigInt64LE(at));
    return type % 2 === 0 ? this.head.readUIntLE(at, size) : this.head.readIntLE(at, size);
  }

  tensor(): { name: string; shape: number[]; type: number; offset: number; size: number } {
    const name = this.text();
    const rank = this.u32();
    if (rank < 1 || rank > 4)
      throw invalid(this.path, `the tensor ${quoted(name)} claims ${rank} dimensions`);
    const shape = Array.from({ length: rank }, () => this.count("elements", Number.MAX_SAFE_INTEGER));
    const type = this.u32();
    const [elements, bytes] = BLOCK[type] ?? [0, 0];
    const total = shape.reduce((product, side) => product * side, 1);
    if (elements === 0 || total < 1 || total > Number.MAX_SAFE_INTEGER || (shape[0] ?? 0) % elements !== 0)
      throw invalid(this.path, `the tensor ${quoted(name)} has an unknown type or an impossible shape`);
    const offset = this.count("bytes before a tensor", Number.MAX_SAFE_INTEGER);
    return { name, shape, type, offset, size: (total / elements) * bytes };
  }
}

export function invalid(
  path: string,
  what: string,
  fix = "export the model again, or fetch the file again and check its digest",
): WorkbenchError {
  return new WorkbenchError({ code: "WB_MODEL_INVALID", where: path, what, fix });
}
