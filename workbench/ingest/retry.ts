import { createHash } from "node:crypto";
import { join } from "node:path";
import { QUARANTINE_FILE, importFolder, listImports } from "../catalog/segments.ts";
import { hasNewerQuarantine } from "../catalog/superseded.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { QuarantineLine } from "../schema/import.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Frame, Framer } from "./frame.ts";
import { ingest } from "./ingest.ts";
import type { IngestReport } from "./ingest.ts";
import type { Found, IngestRequest } from "./request.ts";
import { hashSource } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { openSource } from "./open.ts";
import { ArchiveFlaw, findFiles } from "./source.ts";

export interface RetryRequest {
  readonly request: Omit<IngestRequest, "sources">;
  /** The files that the quarantined records came from, as they were or longer. */
  readonly files: readonly string[];
  /** First digits of an import's id, or its label. */
  readonly import?: string;
}

/**
 * Reads the quarantined records of files again, after a mapping or an importer was mended: only they
 * are read, each checked against its hash. What is good now is stored under its old line number, the
 * rest is quarantined anew, and the new import's quarantine stands for the old one's.
 */
export async function retry(
  { request, files, import: named }: RetryRequest,
  effects: Effects = realEffects,
): Promise<readonly IngestReport[]> {
  const limits = { ...LIMITS, ...request.limits };
  const reports: IngestReport[] = [];
  for (const name of files)
    for (const { path } of await findFiles(name, effects)) {
      if (path === null) throw notAFile(name);
      const imports = await listImports(request.project, effects);
      const tried = retriable(imports, (await hashSource(path, imports, effects)).begins).filter(
        ({ id, source }) => named === undefined || id.startsWith(named) || source.label === named,
      );
      for (const manifest of tried) {
        const source = sourceOf(path, manifest, { request, limits, effects });
        reports.push(
          await ingest({ ...request, ...readingOf(manifest, request), sources: [source] }, effects),
        );
      }
    }
  if (reports.length > 0) return reports;
  throw new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: files.join(", "),
    what: `no import of these bytes${named === undefined ? "" : ` called ${quoted(named)}`} has records in quarantine`,
    why: "an import is found by the hash of its source, so the file must begin as it did then",
    fix: "see workbench quarantine list; ingest a file that was corrected, what is stored already is known",
  });
}

/** Imports with records in quarantine, of these bytes or retried from them, that no later retry stands for. */
function retriable(
  imports: readonly ImportManifest[],
  begins: readonly ImportManifest[],
): readonly ImportManifest[] {
  const family = new Set(begins.map(({ id }) => id));
  for (let size = -1; size !== family.size;) {
    size = family.size;
    for (const { id, retries } of imports)
      if (typeof retries === "string" && family.has(retries)) family.add(id);
  }
  return imports.filter(
    (manifest) =>
      family.has(manifest.id) && manifest.counts.quarantined > 0 && !hasNewerQuarantine(manifest, imports),
  );
}

/** The format of old, unless the caller names another. */
function readingOf(
  { format, source }: ImportManifest,
  request: Omit<IngestRequest, "sources">,
): Pick<IngestRequest, "format" | "label"> {
  const reading = request.format !== undefined || request.mapping !== undefined ? {} : { format };
  if ("format" in reading && format.startsWith("mapping:"))
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--map",
      what: `these records were read by ${quoted(format)}`,
      fix: "name the mapping file, as it is now, with --map",
    });
  return { ...reading, label: source.label };
}

interface Rereading {
  readonly request: Omit<IngestRequest, "sources">;
  readonly limits: Limits;
  readonly effects: Effects;
}

function sourceOf(path: string, manifest: ImportManifest, rereading: Rereading): Found {
  const waiting: Frame[] = [];
  let last = 0;
  const framer: Framer = {
    push: () => waiting.splice(0),
    end: () => waiting.splice(0),
    blank: () => 0,
    nextLine: () => last + 1,
  };
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    for await (const frame of frames(path, manifest, rereading)) {
      waiting.push(frame);
      last = Math.max(last, frame.line);
      yield frame.bytes ?? Buffer.from(frame.sha256 ?? "");
    }
  };
  return {
    path: null,
    shown: path,
    name: manifest.source.label,
    csv: false,
    retries: manifest.id,
    stream,
    framer,
  };
}

/** Each quarantined record as it lies in the source; what cannot be read again keeps its old reason. */
async function* frames(path: string, manifest: ImportManifest, rereading: Rereading): AsyncGenerator<Frame> {
  const { request, limits, effects } = rereading;
  const file = join(importFolder(request.project, manifest.id), QUARANTINE_FILE);
  const text = Buffer.from(await effects.read(file)).toString("utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => QuarantineLine.parse(JSON.parse(line)));
  const isPlain = manifest.source["packing"] === "none" && manifest.source["framing"] !== "csv";
  const found = isPlain ? null : await framesOf(path, manifest, { lines, ...rereading });
  for (const line of lines) {
    const frame = isPlain ? await frameAt(path, line, { limits, effects }) : found?.get(line.line);
    if (frame && (frame.sha256 ?? sha256(frame.bytes)) === line.sha256) yield frame;
    else yield kept(line);
  }
}

async function frameAt(
  path: string,
  { line, byteOffset, byteLength, reason, sha256 }: QuarantineLine,
  { limits, effects }: { readonly limits: Limits; readonly effects: Effects },
): Promise<Frame | null> {
  const place = { line, byteOffset, byteLength, terminated: reason !== "unterminated" };
  if (byteLength > limits.recordBytes) return { ...place, bytes: null, sha256 };
  if (byteLength === 0) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of effects.stream(path, { start: byteOffset, end: byteOffset + byteLength }))
    pieces.push(piece);
  return { ...place, bytes: Buffer.concat(pieces), sha256: null };
}

/** Records of an archive, a table or a sheet have no bytes of their own in the file: it is read through. */
async function framesOf(
  path: string,
  { source }: ImportManifest,
  { lines, limits, effects }: Rereading & { readonly lines: readonly QuarantineLine[] },
): Promise<ReadonlyMap<number, Frame>> {
  const wanted = new Set(lines.map(({ line }) => line));
  const found = new Map<number, Frame>();
  const take = (frames: readonly Frame[]): void => {
    for (const frame of frames) if (wanted.has(frame.line)) found.set(frame.line, frame);
  };
  const opened = await openSource(
    { path, shown: path, csv: source["framing"] === "csv" },
    { byteStart: 0, byteEnd: null, line: 1 },
    { effects, limits, stdin: nothing() },
  );
  try {
    for await (const chunk of opened.chunks) take(opened.framer.push(chunk));
    take(opened.framer.end());
  } catch (error) {
    if (!(error instanceof ArchiveFlaw)) throw error;
  }
  return found;
}

/** The record as the quarantine holds it: its text is redacted already, its hash is the source's. */
function kept({ line, byteOffset, byteLength, sha256, reason, detail, text }: QuarantineLine): Frame {
  const bytes = Buffer.from(text);
  return { line, byteOffset, byteLength, bytes, sha256, terminated: true, flaw: { reason, detail } };
}

const sha256 = (bytes: Buffer | null): string =>
  createHash("sha256")
    .update(bytes ?? "")
    .digest("hex");

async function* nothing(): AsyncGenerator<Uint8Array> {
  // files have no standard input
}

function notAFile(name: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_USAGE",
    where: name,
    what: "records are read again from files",
    why: "what came by standard input is not there any more",
    fix: "ingest tables and objects again: what is stored already is known",
  });
}
