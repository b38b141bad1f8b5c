import { createHash } from "node:crypto";
import { QUARANTINE_FILE, RAW_FILE } from "../catalog/segments.ts";
import type { Lossy } from "./fields.ts";
import { fieldSorter } from "./fields.ts";
import type { Format } from "./formats/format.ts";
import type { Frame } from "./frame.ts";
import type { ImportContext } from "./import-context.ts";
import type { Opened } from "./open.ts";
import type { RedactionReport } from "../redact/report.ts";
import { redactionTally } from "../redact/report.ts";
import { sealedLine } from "./raw.ts";
import { quarantined, readRecord } from "./reader.ts";
import type { Read, Reading, SpoolRow } from "./reader.ts";
import { ArchiveFlaw } from "./source.ts";
import type { Source } from "./source.ts";
import { lineFile } from "./spool.ts";

/** What reading a source to its end gave; the rows are in the spool. */
export interface ReadOutcome {
  readonly records: number;
  readonly blank: number;
  /** Of the bytes as they came, unpacked if they were packed. */
  readonly bytes: number;
  readonly sha256: string;
  readonly nextLine: number;
  /** Offset of a last line that was cut, or null. */
  readonly unterminatedAt: number | null;
  readonly onlyUnterminated: boolean;
  readonly redactions: Readonly<Record<string, number>>;
  readonly redaction: RedactionReport;
  readonly reasons: Readonly<Record<string, number>>;
  readonly lossy: readonly Lossy[];
  /** Rows of people who were erased: their keys are in the spool, they are not. */
  readonly erased: readonly SpoolRow[];
  /** Bytes of the longest row in the spool. */
  readonly longestRow: number;
}

interface ReadingAll {
  readonly source: Source;
  readonly opened: Opened;
  readonly plan: { readonly byteStart: number; readonly byteEnd: number | null; readonly line: number };
  readonly format: Format;
  readonly context: ImportContext;
}

/** Steps frame, validate, map, redact and spool, over all bytes of a source. */
export async function readAll(
  folder: string,
  { source, opened, plan, format, context }: ReadingAll,
): Promise<ReadOutcome> {
  const { effects, request } = context;
  const sorter = fieldSorter(format.fields);
  const redactions: Record<string, number> = {};
  const count = (kind: string, times: number): void =>
    void (redactions[kind] = (redactions[kind] ?? 0) + times);
  const tally = redactionTally();
  const reading: Reading = {
    format,
    policy: context.policy,
    key: context.key.bytes,
    sorter,
    limits: context.limits,
    count,
    isErased: context.isErased,
    tally,
  };
  const files = {
    i: await lineFile(folder, "rows.spool", effects),
    f: await lineFile(folder, "feedback.spool", effects),
    keys: await lineFile(folder, "keys.csv", effects),
    quarantine: await lineFile(folder, QUARANTINE_FILE, effects),
  };
  const raw = context.vault === null ? null : await lineFile(folder, RAW_FILE, effects);
  const all = [...Object.values(files), ...(raw === null ? [] : [raw])];
  const reasons: Record<string, number> = {};
  const erased: SpoolRow[] = [];
  const hash = createHash("sha256");
  let [records, bytes, last] = [0, 0, plan.line - 1];
  let cut: Frame | null = null;

  const put = (read: Read, frame: Frame): void => {
    records++;
    const sealed = context.vault === null ? null : sealedLine(frame, read, context.vault);
    if (sealed !== null) raw?.add(sealed);
    if (read.kind === "rows") {
      for (const row of read.rows) {
        if (row.json === null) erased.push(row);
        else files[row.kind].add(row.json);
        files.keys.add(`${row.kind},${row.rowKey},${row.line},${row.part}`);
      }
      return;
    }
    reasons[read.line.reason] = (reasons[read.line.reason] ?? 0) + 1;
    files.quarantine.add(JSON.stringify(read.line));
  };
  const take = async (frames: readonly Frame[]): Promise<void> => {
    for (const frame of frames) {
      last = frame.line;
      const read = readRecord(frame, reading);
      if (read.kind === "quarantined" && read.line.reason === "unterminated") cut = frame;
      put(read, frame);
      for (const file of all) if (file.isFull()) await file.flush();
    }
  };

  try {
    for await (const chunk of opened.chunks) {
      if (source.path === null) hash.update(chunk);
      bytes += chunk.length;
      await take(opened.framer.push(chunk));
      request.onProgress?.({
        source: source.shown,
        records,
        bytes: plan.byteStart + bytes,
        total: opened.packing === "none" ? plan.byteEnd : null,
        isRead: false,
      });
    }
    await take(opened.framer.end());
  } catch (error) {
    if (!(error instanceof ArchiveFlaw)) throw error;
    // What came out before is good; the cut record, if any, and the rest are this one record.
    const [tail] = opened.framer.end();
    const frame = tail ?? {
      line: last + 1,
      byteOffset: bytes,
      byteLength: 0,
      bytes: Buffer.alloc(0),
      sha256: null,
      terminated: false,
    };
    last = frame.line;
    put(quarantined(frame, [error.reason, error.message], reading), frame);
  }
  await context.vault?.save();
  for (const file of all) await file.flush();
  const unterminated = cut as Frame | null;
  return {
    records,
    blank: opened.framer.blank(),
    bytes,
    sha256: hash.digest("hex"),
    nextLine: unterminated ? unterminated.line : opened.framer.nextLine(),
    unterminatedAt: unterminated?.byteOffset ?? null,
    onlyUnterminated: records === 1 && unterminated !== null,
    redactions,
    redaction: tally.report(),
    reasons,
    lossy: sorter.report(),
    erased,
    longestRow: Math.max(files.i.longest(), files.f.longest()),
  };
}
