import { detect, formatNamed } from "./detect.ts";
import type { Detected } from "./detect.ts";
import { arrayFramer } from "./frame-array.ts";
import type { Framer, FramerStart } from "./frame.ts";
import { lineFramer } from "./frame.ts";
import type { Format } from "./formats/format.ts";
import { FORMATS } from "./formats/registry.ts";
import type { Limits } from "./limits.ts";
import type { JsonRecord } from "./parse.ts";
import { parseRecord } from "./parse.ts";
import type { Packing, Source } from "./source.ts";
import { packingOf, peek, unpacked } from "./source.ts";
import type { Effects } from "../store/effects.ts";

/** A source whose packing and framing are known, and whose bytes are ready to be read once. */
export interface Opened {
  readonly packing: Packing;
  readonly framing: "lines" | "array";
  readonly chunks: AsyncGenerator<Buffer>;
  readonly framer: Framer;
  /** Up to 64 records from the start, and for a plain file from its middle and end. */
  readonly sample: readonly JsonRecord[];
}

export interface OpenAt {
  readonly byteStart: number;
  /** Null for standard input. */
  readonly byteEnd: number | null;
  readonly line: number;
}

const HEAD = 1 << 20;
const SAMPLE = 64;

/** Opens bytes [byteStart, byteEnd) of a source. */
export async function openSource(
  source: Source,
  at: OpenAt,
  { effects, limits, stdin }: { effects: Effects; limits: Limits; stdin: AsyncIterable<Uint8Array> },
): Promise<Opened> {
  const range = { start: at.byteStart, ...(at.byteEnd === null ? {} : { end: at.byteEnd }) };
  const raw =
    source.path === null
      ? stdin
      : at.byteEnd === at.byteStart
        ? nothing()
        : effects.stream(source.path, range);
  const packed = await peek(buffers(raw), 4);
  const packing = at.byteStart === 0 ? packingOf(packed.head) : "none";
  const { head, all, ended } = await peek(unpacked(packed.all, packing, limits), HEAD);
  const framing = at.byteStart === 0 && isArray(head) ? "array" : "lines";
  const start: FramerStart = { line: at.line, byteOffset: at.byteStart, maxBytes: limits.recordBytes };
  const cut = framing === "array" ? arrayFramer : lineFramer;
  const sample = sampleOf(head, cut({ maxBytes: limits.recordBytes }), limits);
  const isLargeFile = source.path !== null && packing === "none" && framing === "lines" && !ended;
  const further =
    isLargeFile && at.byteEnd !== null
      ? await sampleFurther(source.path, { from: at.byteStart, to: at.byteEnd }, { effects, limits })
      : [];
  return { packing, framing, chunks: all, framer: cut(start), sample: spread(sample, further) };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // an empty file
}

async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/**
 * Whether a text is one JSON array rather than lines of which the first happens to be one: then its
 * first line is whole and another follows.
 */
function isArray(head: Buffer): boolean {
  const text = head
    .subarray(0, 1 << 16)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (!text.startsWith("[")) return false;
  const [first = "", ...rest] = text.split("\n");
  if (rest.every((line) => line.trim() === "")) return true;
  try {
    JSON.parse(first);
    return false;
  } catch {
    return true;
  }
}

function sampleOf(head: Buffer, framer: Framer, limits: Limits): readonly JsonRecord[] {
  const frames = [...framer.push(head), ...framer.end()].slice(0, SAMPLE * 4);
  return frames.flatMap(({ bytes }) => {
    const parsed = bytes && parseRecord(bytes, limits.depth);
    return parsed?.kind === "record" ? [parsed.value] : [];
  });
}

/** Records from the middle and the end of a plain file: a log may change its form half way. */
async function sampleFurther(
  path: string,
  { from, to }: { from: number; to: number },
  { effects, limits }: { effects: Effects; limits: Limits },
): Promise<readonly JsonRecord[]> {
  const records: JsonRecord[] = [];
  for (const start of [Math.floor((from + to) / 2), Math.max(from, to - (HEAD >> 2))]) {
    const pieces: Uint8Array[] = [];
    for await (const chunk of effects.stream(path, { start, end: Math.min(to, start + (HEAD >> 2)) }))
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

function spread(start: readonly JsonRecord[], further: readonly JsonRecord[]): readonly JsonRecord[] {
  return [...start.slice(0, SAMPLE - further.length), ...further];
}

/** The format the user named, or the one that the sample shows. */
export function formatOf(opened: Opened, named: string | undefined, shown: string): Detected | null {
  if (named !== undefined)
    return { format: formatNamed(named, FORMATS), confidence: share(opened, formatNamed(named, FORMATS)) };
  if (opened.sample.length === 0) return null;
  return detect(opened.sample, FORMATS, shown);
}

function share({ sample }: Opened, format: Format): number {
  return sample.length === 0 ? 0 : sample.filter((record) => format.matches(record)).length / sample.length;
}
