import { FEEDBACK_TYPES, INTERACTION_TYPES } from "../catalog/columns.ts";
import type { RedactionReport } from "../redact/report.ts";
import { redactionTally } from "../redact/report.ts";
import type { QuarantineLine } from "../schema/import.ts";
import type { GroupWriter, Shape } from "../store/parquet/group-writer.ts";
import { groupWriter } from "../store/parquet/group-writer.ts";
import type { RowGroup } from "../store/parquet/row-group.ts";
import { fieldSorter } from "./fields.ts";
import type { Frame } from "./frame.ts";
import type { Lossy } from "./notes.ts";
import { readRecord } from "./reader.ts";
import type { Read, ReadSettings } from "./reader.ts";

/** Records that are read together, and whose rows become row groups of their own. */
export interface Batch {
  readonly frames: readonly Frame[];
  /** Of each record, as `digestOf` gives it. */
  readonly digests: readonly string[];
}

/** What reading a batch gave. Plain data: another thread may have read it. */
export interface BatchRead {
  readonly interactions: readonly RowGroup[];
  readonly feedback: readonly RowGroup[];
  /** A line a row: kind, key, line, part. */
  readonly keys: string;
  readonly quarantined: readonly QuarantineLine[];
  /** Rows of people who were erased: their keys are among `keys`, they are in no row group. */
  readonly erased: readonly { readonly rowKey: string; readonly line: number }[];
  /** Which records, by their place in the batch, did not become rows, or not all of theirs. */
  readonly refused: readonly number[];
  readonly lossy: readonly Lossy[];
  readonly redactions: Readonly<Record<string, number>>;
  readonly redaction: RedactionReport;
}

const BESIDE = ["row_key", "line_no", "part", "byte_offset", "byte_length", "redactions"];
const SEGMENT = { atEnd: ["import_id"], compression: "zstd" } as const;
/** The files of a segment, as row groups are made for them. */
export const INTERACTIONS: Shape = { ...SEGMENT, columns: INTERACTION_TYPES, beside: ["format", ...BESIDE] };
export const FEEDBACK: Shape = { ...SEGMENT, columns: FEEDBACK_TYPES, beside: ["feedback_id", ...BESIDE] };

export type ReadBatch = (batch: Batch) => BatchRead;

/**
 * Reads batches, one after the other; pure but for the memory it uses again. What a batch gives depends on nothing that
 * was read before, so that it is the same whoever reads it. `onRead` is told of each record.
 */
export function batchReader(
  settings: ReadSettings,
  onRead: (read: Read, frame: Frame) => void = () => undefined,
): ReadBatch {
  const writers = { i: groupWriter(INTERACTIONS), f: groupWriter(FEEDBACK) };
  return ({ frames, digests }) => {
    const sorter = fieldSorter(settings.format.fields);
    const redactions: Record<string, number> = {};
    const tally = redactionTally();
    const reading = {
      ...settings,
      sorter,
      tally,
      count: (kind: string, times: number) => void (redactions[kind] = (redactions[kind] ?? 0) + times),
    };
    const groups = { i: [] as RowGroup[], f: [] as RowGroup[] };
    const quarantined: QuarantineLine[] = [];
    const erased: { rowKey: string; line: number }[] = [];
    const refused: number[] = [];
    let keys = "";
    for (const [n, frame] of frames.entries()) {
      const read = readRecord(frame, reading, digests[n] as string);
      onRead(read, frame);
      if (read.kind === "quarantined") {
        quarantined.push(read.line);
        refused.push(n);
        continue;
      }
      for (const { kind, row, own, rowKey, line, part } of read.rows) {
        keys += `${kind},${rowKey},${line},${part}\n`;
        if (row !== null) writers[kind].add(row, own);
        else erased.push({ rowKey, line });
      }
      if (read.rows.some(({ row }) => row === null)) refused.push(n);
      for (const kind of ["i", "f"] as const)
        if (writers[kind].isFull()) groups[kind].push(taken(writers[kind]));
    }
    for (const kind of ["i", "f"] as const)
      if (writers[kind].rows() > 0) groups[kind].push(taken(writers[kind]));
    return {
      interactions: groups.i,
      feedback: groups.f,
      keys,
      quarantined,
      erased,
      refused,
      lossy: sorter.all(),
      redactions,
      redaction: tally.report(),
    };
  };
}

/** A row group in one piece of memory of its own, which can be handed to another thread. */
const taken = (writer: GroupWriter): RowGroup =>
  writer.take((group) => ({ ...group, pieces: [joined(group.pieces)] }));

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    all.set(piece, end);
    end += piece.length;
  }
  return all;
}
