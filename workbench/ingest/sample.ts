import type { Effects } from "../store/effects.ts";
import type { Framer } from "./frame.ts";
import { lineFramer } from "./frame.ts";
import type { Limits } from "./limits.ts";
import type { JsonRecord } from "./parse.ts";
import { parseRecord } from "./parse.ts";

const SAMPLE = 64;
/** Bytes from the middle and from the end, each. */
const PIECE = 1 << 18;

/** Records that the head of a source holds, cut by `framer`; what is none is passed over. */
export function sampleOf(head: Buffer, framer: Framer, limits: Limits): readonly JsonRecord[] {
  const frames = [...framer.push(head), ...framer.end()].slice(0, SAMPLE * 4);
  return frames.flatMap(({ bytes }) => {
    const parsed = bytes && parseRecord(bytes, limits.depth);
    return parsed?.kind === "record" ? [parsed.value] : [];
  });
}

/** Records from the middle and the end of a plain file: a log may change its form half way. */
export async function sampleFurther(
  path: string,
  { from, to }: { from: number; to: number },
  { effects, limits }: { effects: Effects; limits: Limits },
): Promise<readonly JsonRecord[]> {
  const records: JsonRecord[] = [];
  for (const start of [Math.floor((from + to) / 2), Math.max(from, to - PIECE)]) {
    const pieces: Uint8Array[] = [];
    for await (const chunk of effects.stream(path, { start, end: Math.min(to, start + PIECE) }))
      pieces.push(chunk);
    const piece = Buffer.concat(pieces);
    // The first line of a piece has most likely lost its beginning.
    records.push(
      ...sampleOf(
        piece.subarray(piece.indexOf(0x0a) + 1),
        lineFramer({ maxBytes: limits.recordBytes }),
        limits,
      ).slice(0, SAMPLE / 3),
    );
  }
  return records;
}

/** As many of both as a sample has. */
export function spread(start: readonly JsonRecord[], further: readonly JsonRecord[]): readonly JsonRecord[] {
  return [...start.slice(0, SAMPLE - further.length), ...further];
}
