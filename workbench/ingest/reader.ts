import { keyedDigest } from "../redact/keyed-digest.ts";
import type { Policy } from "../redact/policy.ts";
import { redactValue } from "../redact/redact.ts";
import { sha256 } from "../schema/canonical.ts";
import type { QuarantineLine, QuarantineReason } from "../schema/import.ts";
import type { FieldSorter } from "./fields.ts";
import type { Finishing } from "./finish.ts";
import { finishFeedback, finishInteraction } from "./finish.ts";
import type { Format } from "./formats/format.ts";
import { MapRefusal } from "./formats/format.ts";
import type { Frame } from "./frame.ts";
import type { Limits } from "./limits.ts";
import type { JsonRecord } from "./parse.ts";
import { parseRecord } from "./parse.ts";

/** A row ready to be spooled: redacted, as JSON text. */
export interface SpoolRow {
  readonly kind: "i" | "f";
  readonly rowKey: string;
  readonly line: number;
  readonly part: number;
  readonly json: string;
}

export type Read =
  | { readonly kind: "rows"; readonly rows: readonly SpoolRow[] }
  | { readonly kind: "quarantined"; readonly line: QuarantineLine };

export interface Reading {
  readonly format: Format;
  readonly policy: Policy;
  readonly key: Uint8Array;
  readonly sorter: FieldSorter;
  readonly limits: Limits;
  readonly count: (kind: string, times: number) => void;
}

// DuckDB reads the spool a line at a time, and takes none above 64 MiB.
const MAX_SPOOL_LINE = 60 * 1024 * 1024;

/**
 * From a framed record to canonical, redacted rows, or to a line for the quarantine. Never throws
 * for anything that a record can hold, and nothing unredacted leaves it.
 */
export function readRecord(frame: Frame, reading: Reading): Read {
  if (frame.bytes === null) return quarantined(frame, ["too_long", `${frame.byteLength} bytes`], reading);
  if (frame.flaw) return quarantined(frame, [frame.flaw.reason, frame.flaw.detail], reading);
  const parsed = parseRecord(frame.bytes, reading.limits.depth);
  if (parsed.kind === "refused") {
    // The file may still be growing: what its end cut is told apart from what is broken.
    if (!frame.terminated) return quarantined(frame, ["unterminated", parsed.detail], reading);
    return quarantined(frame, [parsed.reason, parsed.detail], reading);
  }
  try {
    return { kind: "rows", rows: rowsOf(parsed.value, frame, reading) };
  } catch (error) {
    if (error instanceof MapRefusal) return quarantined(frame, [error.reason, error.message], reading);
    throw error;
  }
}

function rowsOf(record: JsonRecord, frame: Frame, reading: Reading): readonly SpoolRow[] {
  const { format, key, sorter } = reading;
  if (!format.matches(record)) throw new MapRefusal("wrong_shape", `not a record of ${format.name}`);
  const mapped = format.map(record, sorter.note);
  const extra = sorter.extraOf(record);
  const rows: SpoolRow[] = [];
  const finishing = (): Finishing => ({
    format: format.name,
    key,
    note: sorter.note,
    rowKey: rowKeyOf(frame, rows.length, key),
  });
  for (const draft of mapped.interactions)
    rows.push(
      spoolRow("i", finishInteraction(draft, extra, finishing()), {
        frame,
        part: rows.length,
        reading,
        users: usersOf(draft.user_key),
      }),
    );
  for (const draft of mapped.feedback ?? [])
    rows.push(
      spoolRow("f", finishFeedback(draft, extra, finishing()), {
        frame,
        part: rows.length,
        reading,
        users: usersOf(draft.rater),
      }),
    );
  if (rows.length === 0) throw new MapRefusal("wrong_shape", "there is no model call in it");
  return rows;
}

interface RowPlace {
  readonly frame: Frame;
  readonly part: number;
  readonly reading: Reading;
  /** Raw ids of the people in the row's own columns. */
  readonly users: readonly string[];
}

const usersOf = (id: unknown): readonly string[] => (typeof id === "string" ? [id] : []);

function spoolRow(kind: "i" | "f", row: object, { frame, part, reading, users }: RowPlace): SpoolRow {
  const { policy, key, count, format } = reading;
  const scope = (row as { conversation_id?: string | null }).conversation_id ?? null;
  const { value, counts, left } = redactValue(row, policy, key, { scope, users });
  for (const [entity, times] of Object.entries(counts)) count(entity, times);
  for (const [what, times] of Object.entries(left)) count(what, times);
  const rowKey = rowKeyOf(frame, part, key);
  const feedbackId =
    kind === "f" ? { feedback_id: (row as { feedback_id: string | null }).feedback_id ?? rowKey } : {};
  const json = JSON.stringify({
    ...value,
    ...feedbackId,
    row_key: rowKey,
    line_no: frame.line,
    part,
    byte_offset: frame.byteOffset,
    byte_length: frame.byteLength,
    ...(kind === "i" ? { format: format.name } : {}),
    redactions: counts,
  });
  if (json.length > MAX_SPOOL_LINE) throw new MapRefusal("too_long", "the canonical row is too long");
  return { kind, rowKey, line: frame.line, part, json };
}

/** The first 128 bits of the HMAC of a record's bytes and a part's number, as a UUID. */
function rowKeyOf(frame: Frame, part: number, key: Uint8Array): string {
  const hex = keyedDigest(key, frame.bytes as Buffer, `\0${part}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

const SHOWN = 4096;

export function quarantined(
  frame: Frame,
  [reason, detail]: readonly [QuarantineReason, string],
  { policy, key }: Pick<Reading, "policy" | "key">,
): Read {
  // Escapes are decoded first, so that they hide nothing; the reserve keeps a value at the cut whole.
  const raw = (frame.bytes?.subarray(0, SHOWN + 512).toString("utf8") ?? "").replace(
    /\\u([0-9a-fA-F]{4})/g,
    (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const text = redactValue(raw, policy, key).value.slice(0, SHOWN).toWellFormed();
  return {
    kind: "quarantined",
    line: {
      line: frame.line,
      part: 0,
      byteOffset: frame.byteOffset,
      byteLength: frame.byteLength,
      sha256: frame.sha256 ?? sha256(frame.bytes ?? Buffer.alloc(0)),
      reason,
      detail,
      text,
    },
  };
}
