import { join, matchesGlob, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import type { Framer } from "./frame.ts";
import type { Limits } from "./limits.ts";

/** One source of records: a file, bytes from elsewhere, or standard input when it has neither. */
export interface Source {
  readonly path: string | null;
  /** As the user named it; shown, never stored. */
  readonly shown: string;
  /** The bytes of what is no file here: a table, an object in a bucket. Called once. */
  readonly stream?: () => AsyncIterable<Uint8Array>;
  /** What its import is called when no label is given. */
  readonly name?: string;
  /** What tells these bytes from others without reading them: then they need not be read again. */
  readonly tag?: string;
  /** Cuts the stream into records, when its bytes alone do not say where they were. */
  readonly framer?: Framer;
  /** The import whose quarantined records these are. */
  readonly retries?: string;
  /** Comma-separated rows under a header, whatever the name says. */
  readonly csv?: boolean;
}

/** Names that are taken from folders and prefixes; `app.log.1` and `app.log-20261120.gz` are what a log was rotated to. */
export const RECORD_FILE =
  /\.(?:(?:jsonl|ndjson|json|log|csv|tsv)(?:[.-]\d[\d.-]*)?(?:\.(?:gz|zst))?|parquet)$/i;
const CSV_FILE = /\.[ct]sv(?:[.-]\d[\d.-]*)?(?:\.(?:gz|zst))?$/i;
const GLOB = /[*?[\]{}]/;

/** The files behind the name of a file or folder, or a glob, in name order. A name without a file is refused. */
export async function findFiles(name: string, effects: Effects): Promise<readonly Source[]> {
  if (name === "-") return [{ path: null, shown: "standard input" }];
  const path = resolve(name);
  const info = await effects.stat(path);
  const real =
    info && !info.isFile && !info.isDirectory ? await effects.stat(await effects.realpath(path)) : info;
  if (real?.isFile) return [{ path, shown: name }];
  if (real?.isDirectory) return present(await walk(path, (file) => RECORD_FILE.test(file), effects), name);
  if (GLOB.test(name)) {
    const parts = path.split(sep);
    const fixed =
      parts
        .slice(
          0,
          parts.findIndex((part) => GLOB.test(part)),
        )
        .join(sep) || sep;
    return present(await walk(fixed, (file) => matchesGlob(file, path), effects), name);
  }
  throw new WorkbenchError({
    code: "WB_FILE_MISSING",
    where: name,
    what: "there is no such file or folder",
    fix: "check the path; quote a pattern so that the shell leaves it to us",
  });
}

function present(paths: readonly string[], name: string): readonly Source[] {
  if (paths.length > 0) return paths.map((path) => ({ path, shown: path }));
  throw new WorkbenchError({
    code: "WB_FILE_MISSING",
    where: name,
    what: `no file to ingest is behind ${quoted(name)}`,
    why: "in folders, names ending in .jsonl, .ndjson, .json, .log, .csv or .tsv are taken, also rotated (.log.1) and with .gz or .zst, and .parquet",
    fix: "name the files, or a pattern such as 'logs/**/*.txt'",
  });
}

async function walk(
  folder: string,
  wanted: (path: string) => boolean,
  effects: Effects,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const name of await effects.list(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    const info = await effects.stat(path); // links are not followed: no cycles, no surprises
    if (info?.isDirectory) paths.push(...(await walk(path, wanted, effects)));
    else if (info?.isFile && wanted(path)) paths.push(path);
  }
  return paths;
}

export type Packing = "none" | "gzip" | "zstd" | "parquet";

/** Told by the first bytes, not by the name. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return "zstd";
  if (Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1") return "parquet";
  return "none";
}

/** Whether a source holds comma-separated values: nothing in the bytes would say so. */
export const isCsv = ({ csv, path, name }: Source): boolean => csv ?? CSV_FILE.test(path ?? name ?? "");

type ArchiveReason = "archive_truncated" | "archive_bomb" | "parquet_unreadable";

/** An archive that ends too early, unpacks to too much or cannot be read on; what came before it is good. */
export class ArchiveFlaw extends Error {
  readonly reason: ArchiveReason;
  constructor(reason: ArchiveReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Unpacks a stream, with a cap on how much more comes out than went in. */
export async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  packing: Packing,
  limits: Limits,
): AsyncGenerator<Buffer> {
  if (packing !== "gzip" && packing !== "zstd") {
    for await (const chunk of chunks) yield asBuffer(chunk);
    return;
  }
  let packedBytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      packedBytes += chunk.byteLength;
      yield chunk;
    }
  };
  const unpack =
    packing === "gzip" ? createGunzip({ chunkSize: 1 << 18 }) : createZstdDecompress({ chunkSize: 1 << 18 });
  const input = Readable.from(counted(), { objectMode: false });
  input.on("error", (error) => unpack.destroy(error));
  input.pipe(unpack);
  let bytes = 0;
  try {
    for await (const chunk of unpack as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > packedBytes * limits.unpackRatio + limits.unpackFree)
        throw new ArchiveFlaw("archive_bomb", `more than ${limits.unpackRatio} bytes from one`);
      yield chunk;
    }
  } catch (error) {
    if (isZlibError(error)) throw new ArchiveFlaw("archive_truncated", (error as Error).message);
    throw error;
  } finally {
    input.destroy();
    unpack.destroy();
  }
}

function isZlibError(error: unknown): boolean {
  return /^(?:Z_|ZSTD_|ERR_ZLIB|ERR__?ZSTD)/.test(String((error as { code?: unknown }).code));
}

const asBuffer = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

export interface Peeked {
  readonly head: Buffer;
  readonly ended: boolean;
  /** What broke the stream off within the head; raised again at its place in `all`. */
  readonly flaw: unknown;
  readonly all: AsyncGenerator<Buffer>;
  /** Lets go of a stream of which `all` is not read. */
  readonly close: () => Promise<void>;
}

/** The first chunks of a stream, and the whole stream again. */
export async function peek(chunks: AsyncIterable<Buffer>, bytes: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let size = 0;
  let ended = false;
  let flaw: unknown = null;
  while (size < bytes && !ended) {
    try {
      const next = await iterator.next();
      if (next.done) ended = true;
      else {
        taken.push(Buffer.from(next.value));
        size += next.value.length;
      }
    } catch (error) {
      flaw = error;
      ended = true;
    }
  }
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  const all = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* taken;
      if (flaw) throw flaw as Error;
      if (!ended) yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await close();
    }
  };
  return { head: Buffer.concat(taken), ended, flaw, all: all(), close };
}
