import { detect, formatNamed, mustMatch } from "./detect.ts";
import type { Detected } from "./detect.ts";
import { arrayFramer } from "./frame-array.ts";
import { csvFramer } from "./frame-csv.ts";
import type { Framer, FramerStart } from "./frame.ts";
import { lineFramer } from "./frame.ts";
import { FORMATS } from "./formats/registry.ts";
import type { Limits } from "./limits.ts";
import { isBlank, noRecord } from "./no-record.ts";
import { parquetLines } from "./parquet-lines.ts";
import type { JsonRecord } from "./parse.ts";
import { sampleFurther, sampleOf, spread } from "./sample.ts";
import type { Packing, Peeked, Source } from "./source.ts";
import { ArchiveFlaw, isCsv, packingOf, peek, unpacked } from "./source.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";

/** A source whose packing and framing are known, and whose bytes are ready to be read once. */
export interface Opened {
  readonly packing: Packing;
  readonly framing: "lines" | "array" | "csv" | "picked";
  readonly chunks: AsyncGenerator<Buffer>;
  readonly framer: Framer;
  /** Up to 64 records from the start, and for a plain file from its middle and end. */
  readonly sample: readonly JsonRecord[];
  /** The first megabyte, unpacked. */
  readonly head: Buffer;
  /** What broke the source off within its first megabyte, else null. */
  readonly flaw: unknown;
  /** Lets go of a source that is not read to its end. */
  readonly close: () => Promise<void>;
}

export interface OpenAt {
  readonly byteStart: number;
  /** Null for standard input. */
  readonly byteEnd: number | null;
  readonly line: number;
}

const HEAD = 1 << 20;

/** Opens bytes [byteStart, byteEnd) of a source. */
export async function openSource(
  source: Source,
  at: OpenAt,
  { effects, limits, stdin }: { effects: Effects; limits: Limits; stdin: AsyncIterable<Uint8Array> },
): Promise<Opened> {
  const raw = bytesOf(source, at, { effects, stdin });
  const packed = await peek(raw, 4);
  const packing = at.byteStart === 0 && !source.framer ? packingOf(packed.head) : "none";
  const { head, all, ended, flaw, close } = await peek(
    await plain(source, { packing, packed, limits, effects }),
    HEAD,
  );
  const framing =
    isCsv(source) && packing !== "parquet" ? "csv" : at.byteStart === 0 && isArray(head) ? "array" : "lines";
  const start: FramerStart = { line: at.line, byteOffset: at.byteStart, maxBytes: limits.recordBytes };
  const sample = sampleOf(head, FRAMERS[framing]({ maxBytes: limits.recordBytes }), limits);
  const isLargeFile = source.path !== null && packing === "none" && framing === "lines" && !ended;
  const further =
    isLargeFile && at.byteEnd !== null
      ? await sampleFurther(source.path, { from: at.byteStart, to: at.byteEnd }, { effects, limits })
      : [];
  return {
    packing,
    framing: source.framer ? "picked" : framing,
    chunks: all,
    framer: source.framer ?? FRAMERS[framing](start),
    sample: spread(sample, further),
    head,
    flaw,
    close,
  };
}

const FRAMERS = { array: arrayFramer, csv: csvFramer, lines: lineFramer };

function bytesOf(
  { path, stream }: Source,
  { byteStart, byteEnd }: OpenAt,
  { effects, stdin }: { effects: Effects; stdin: AsyncIterable<Uint8Array> },
): AsyncGenerator<Buffer> {
  if (path === null) return buffers(stream?.() ?? stdin);
  if (byteEnd === byteStart) return buffers(nothing());
  return buffers(effects.stream(path, { start: byteStart, ...(byteEnd === null ? {} : { end: byteEnd }) }));
}

interface Packed {
  readonly packing: Packing;
  readonly packed: Peeked;
  readonly limits: Limits;
  readonly effects: Effects;
}

/** The unpacked bytes. A Parquet file is read from its end, so it must be a file. */
async function plain(
  { path, shown }: Source,
  { packing, packed, limits, effects }: Packed,
): Promise<AsyncGenerator<Buffer>> {
  if (packing !== "parquet") return unpacked(packed.all, packing, limits);
  await packed.close();
  if (path !== null) return parquetLines(path, effects);
  throw new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: shown,
    what: "Parquet cannot be read from a stream",
    why: "where its rows are is written at its end",
    fix: "write it to a file and ingest that",
  });
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

/**
 * The format the user named, or the one that the sample shows; null for a source that holds nothing.
 * A refusal lets go of the source.
 */
export function formatOf(opened: Opened, named: string | undefined, shown: string): Detected | null {
  try {
    const format = named === undefined ? null : formatNamed(named, FORMATS);
    if (format) return { format, confidence: mustMatch(format, opened.sample, { formats: FORMATS, shown }) };
    if (opened.sample.length > 0) return detect(opened.sample, FORMATS, shown);
    if (opened.flaw) throw unreadable(shown, opened.flaw);
    if (!isBlank(opened.head)) throw noRecord(shown, opened.head);
    return null;
  } catch (error) {
    void opened.close();
    throw error;
  }
}

function unreadable(shown: string, flaw: unknown): unknown {
  if (!(flaw instanceof ArchiveFlaw)) return flaw;
  return new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: shown,
    what: `nothing can be read from it (${flaw.reason})`,
    why: flaw.message,
    fix: "fetch or write the file again",
  });
}
