import type { Effects } from "../store/effects.ts";

/** Reads pieces of one file that are mostly asked for in order. */
export interface Blocks {
  readonly read: (offset: number, bytes: number) => Promise<Buffer>;
}

const BLOCK_BYTES = 1 << 17;
const KEPT = 8;

/**
 * A reader that keeps the last eight blocks of 128 kB, so that its memory does not grow with the file.
 * Who asks for a block that is being read waits for that reading.
 */
export function makeBlocks(path: string, effects: Effects): Blocks {
  const kept = new Map<number, Promise<Buffer>>();

  const load = async (number: number): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    const range = { start: number * BLOCK_BYTES, end: (number + 1) * BLOCK_BYTES };
    for await (const part of effects.stream(path, range)) parts.push(part);
    const [only] = parts;
    return parts.length === 1 && only
      ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
      : Buffer.concat(parts);
  };
  const keep = (number: number, found: Promise<Buffer>): Promise<Buffer> => {
    kept.delete(number);
    kept.set(number, found);
    found.catch(() => kept.delete(number)); // what could not be read is read again
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return found;
  };
  /** At least `need` bytes of a block; a block that was short when it was read may have grown. */
  const block = async (number: number, need: number): Promise<Buffer> => {
    const found = await keep(number, kept.get(number) ?? load(number));
    return found.length < need ? keep(number, load(number)) : found;
  };
  return {
    read: async (offset, bytes) => {
      const pieces: Buffer[] = [];
      for (let at = offset; at < offset + bytes;) {
        const number = Math.floor(at / BLOCK_BYTES);
        const start = at - number * BLOCK_BYTES;
        const end = Math.min(BLOCK_BYTES, start + offset + bytes - at);
        pieces.push((await block(number, end)).subarray(start, end));
        at += end - start;
      }
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    },
  };
}
