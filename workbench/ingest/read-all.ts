import { createHash } from "node:crypto";
import { RAW_FILE } from "../catalog/segments.ts";
import type { RedactionReport } from "../redact/report.ts";
import { redactionTally } from "../redact/report.ts";
import type { BatchRead } from "./batch.ts";
import { Batches } from "./batches.ts";
import type { Format } from "./formats/format.ts";
import type { Frame } from "./frame.ts";
import type { ImportContext } from "./import-context.ts";
import type { Lossy } from "./notes.ts";
import { fieldNotes } from "./notes.ts";
import type { Opened } from "./open.ts";
import { sealedLine } from "./raw.ts";
import { quarantined } from "./reader.ts";
import { segmentFiles } from "./segment-files.ts";
import { ArchiveFlaw } from "./source.ts";
import type { Source } from "./source.ts";
import { lineFile } from "./spool.ts";

/** What reading a source to its end gave; the rows are in files beside it, which `end` ends. */
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
  /** Rows of people who were erased: their keys are written down, they are not. */
  readonly erased: BatchRead["erased"];
  /** Records that stood in the source before, byte for byte: they are not read again. */
  readonly replays: number;
  /** Ends the files of rows, as those of this import. */
  readonly end: (importId: string) => Promise<void>;
}

interface ReadingAll {
  readonly source: Source;
  readonly opened: Opened;
  readonly plan: { readonly byteStart: number; readonly byteEnd: number | null; readonly line: number };
  readonly format: Format;
  readonly context: ImportContext;
}

/** Steps frame to write of docs/ingest.md, over all bytes of a source. */
export async function readAll(
  folder: string,
  { source, opened, plan, format, context }: ReadingAll,
): Promise<ReadOutcome> {
  const { effects, request, vault, policy, key, limits, isErased, stones } = context;
  const files = await segmentFiles(folder, effects);
  const raw = vault === null ? null : await lineFile(folder, RAW_FILE, effects);
  const told = tally();
  const settings = { format, policy, key: key.bytes, limits, isErased };
  const batches = new Batches({
    settings,
    stones,
    threads: request.threads ?? null,
    onRead:
      vault === null
        ? null
        : (read, frame) => {
            const sealed = sealedLine(frame, read, vault);
            if (sealed !== null) raw?.add(sealed);
          },
    use: async (read) => {
      told.add(read);
      await files.append(read);
      await raw?.flush();
    },
  });
  const hash = createHash("sha256");
  let [records, bytes, last] = [0, 0, plan.line - 1];
  const take = async (frames: readonly Frame[]): Promise<void> => {
    for (const frame of frames) {
      records++;
      last = frame.line;
      if (batches.take(frame)) await batches.send();
    }
  };

  try {
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
      await batches.end();
    } catch (error) {
      if (!(error instanceof ArchiveFlaw)) throw error;
      await batches.end();
      // What came out before is good; the cut record, if any, and the rest are this one record.
      const [tail] = opened.framer.end();
      const frame = tail ?? nothingAt(last + 1, bytes);
      records++;
      const { line } = quarantined(frame, [error.reason, error.message], settings);
      const read = { ...NOTHING, quarantined: [line] };
      told.add(read);
      await files.append(read);
    }
  } finally {
    await batches.close();
  }
  await vault?.save();
  const { unterminated, ...found } = told.report();
  return {
    ...found,
    records,
    blank: opened.framer.blank(),
    bytes,
    sha256: hash.digest("hex"),
    nextLine: unterminated ? unterminated.line : opened.framer.nextLine(),
    unterminatedAt: unterminated?.byteOffset ?? null,
    onlyUnterminated: records === 1 && unterminated !== null,
    replays: batches.replays,
    end: files.end,
  };
}

const NOTHING: BatchRead = {
  interactions: [],
  feedback: [],
  keys: "",
  quarantined: [],
  erased: [],
  refused: [],
  lossy: [],
  redactions: {},
  redaction: { replaced: [], left: {}, examples: [] },
};

const nothingAt = (line: number, byteOffset: number): Frame => ({
  line,
  byteOffset,
  byteLength: 0,
  bytes: Buffer.alloc(0),
  sha256: null,
  terminated: false,
});

/** What batches tell, added up in their order. */
interface Tally {
  readonly add: (read: BatchRead) => void;
  readonly report: () => Pick<ReadOutcome, "redactions" | "redaction" | "reasons" | "lossy" | "erased"> & {
    readonly unterminated: { readonly line: number; readonly byteOffset: number } | null;
  };
}

function tally(): Tally {
  const notes = fieldNotes();
  const redaction = redactionTally();
  const redactions: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  const erased: BatchRead["erased"][number][] = [];
  let unterminated: { readonly line: number; readonly byteOffset: number } | null = null;
  return {
    add: (read) => {
      for (const { path, what, rows } of read.lossy) notes.note(path, what, rows);
      for (const kind of Object.keys(read.redactions))
        redactions[kind] = (redactions[kind] ?? 0) + (read.redactions[kind] ?? 0);
      redaction.merge(read.redaction);
      for (const line of read.quarantined) {
        reasons[line.reason] = (reasons[line.reason] ?? 0) + 1;
        if (line.reason === "unterminated") unterminated = line;
      }
      for (const one of read.erased) erased.push(one);
    },
    report: () => ({
      redactions,
      redaction: redaction.report(),
      reasons,
      lossy: notes.report(),
      erased,
      unterminated,
    }),
  };
}
