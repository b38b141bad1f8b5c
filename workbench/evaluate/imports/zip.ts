import { inflateRawSync, zstdDecompressSync } from "node:zlib";

/** Why an archive was not read; the message names the member. */
export class ZipError extends Error {
  override readonly name = "ZipError";
}

export interface ZipMember {
  readonly name: string;
  /** Expands this member only; nothing is unpacked to disk. @throws ZipError beyond the cap. */
  readonly text: () => string;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const EXPANSION = 100;

/**
 * The members of a zip archive: stored (0), deflate (8) and Zstandard (93), which Inspect writes and
 * common readers do not know. All members together may expand to 100 times the archive.
 * Source: PKWARE APPNOTE 4.3.
 */
export function zipMembers(bytes: Buffer): readonly ZipMember[] {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== END)
    throw new ZipError("this is no zip archive, or its end is missing");
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new ZipError("zip64 archives are not read");
  const budget = { left: EXPANSION * bytes.length };
  const members: ZipMember[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL)
      throw new ZipError("the archive's directory is cut short");
    const nameBytes = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameBytes);
    const entry = {
      name,
      method: bytes.readUInt16LE(at + 10),
      compressed: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    };
    members.push({ name, text: () => expanded(bytes, entry, budget) });
    at += 46 + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  readonly offset: number;
}

function expanded(
  bytes: Buffer,
  { name, method, compressed, offset }: Entry,
  budget: { left: number },
): string {
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL)
    throw new ZipError(`${name}: its header is missing`);
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (start + compressed > bytes.length) throw new ZipError(`${name}: cut short`);
  const data = bytes.subarray(start, start + compressed);
  if (budget.left < 1) throw tooLarge(name);
  const options = { maxOutputLength: budget.left };
  let out: Buffer;
  try {
    if (method === 0) out = data;
    else if (method === 8) out = inflateRawSync(data, options);
    else if (method === 93) out = zstdDecompressSync(data, options);
    else throw new ZipError(`${name}: compression method ${method} is not read`);
  } catch (error) {
    if (error instanceof ZipError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(name);
    throw new ZipError(`${name}: ${(error as Error).message}`);
  }
  budget.left -= out.length;
  if (budget.left < 0) throw tooLarge(name);
  return out.toString("utf8");
}

const tooLarge = (name: string): ZipError =>
  new ZipError(`${name}: the archive expands to more than ${EXPANSION} times its size`);
