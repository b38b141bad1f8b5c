import type { Effects } from "./effects.ts";

/** Small enough that a piece is garbage before the collector has moved it: then it costs no memory that stays. */
export const PIECE_BYTES = 1 << 17;

const LINE_FEED = 0x0a;

/**
 * Hands every whole line of a file to `visit`, without its line feed, and where it begins. The bytes
 * are only good until `visit` returns. Gives the number of bytes behind the last line feed.
 */
export async function eachLine(
  path: string,
  visit: (line: Buffer, offset: number) => void,
  effects: Effects,
): Promise<number> {
  /** What came of a line whose end has not come yet. */
  let begun: Buffer[] = [];
  let [begunBytes, offset] = [0, 0];
  for await (const piece of effects.stream(path, { pieceBytes: PIECE_BYTES })) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      const part = bytes.subarray(start, end);
      const line = begunBytes === 0 ? part : Buffer.concat([...begun, part]);
      visit(line, offset);
      offset += line.length + 1;
      [begun, begunBytes, start] = [[], 0, end + 1];
    }
    if (start === bytes.length) continue;
    begun.push(bytes.subarray(start));
    begunBytes += bytes.length - start;
  }
  return begunBytes;
}
