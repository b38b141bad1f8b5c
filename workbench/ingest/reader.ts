import type { IsErased } from "../redact/erased.ts";
import { keyedDigest, keyedDigestsOf } from "../redact/keyed-digest.ts";
import type { Policy } from "../redact/policy.ts";
import type { RedactionTally } from "../redact/report.ts";
import { redactValue } from "../redact/redact.ts";
import { sha256 } from "../schema/canonical.ts";
import type { FeedbackEvent, Interaction } from "../schema/interaction.ts";
import type { QuarantineLine, QuarantineReason } from "../schema/import.ts";
import type { FieldSorter } from "./fields.ts";
import type { Finishing } from "./finish.ts";
import { finishFeedback, finishInteraction } from "./finish.ts";
import type { Format, Mapped } from "./formats/format.ts";
import { MapRefusal, asRead } from "./formats/format.ts";
import type { Frame } from "./frame.ts";
import type { Limits } from "./limits.ts";
import type { JsonRecord } from "./parse.ts";
import { parseRecord } from "./parse.ts";

/** A row ready to be written: finished and redacted. */
export interface SpoolRow {
  readonly kind: "i" | "f";
  readonly rowKey: string;
  readonly line: number;
  readonly part: number;
  /** Null for a row of somebody who was erased: it is known, and not written again. */
  readonly row: Interaction | FeedbackEvent | null;
  /** The columns that its import adds. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Of the row: its interaction or feedback id, and its person's pseudonym. */
  readonly id: string;
  readonly userKey: string | null;
}

export type Read =
  | { readonly kind: "rows"; readonly rows: readonly SpoolRow[] }
  | { readonly kind: "quarantined"; readonly line: QuarantineLine };

/** How records are read: the same for all of a source. */
export interface ReadSettings {
  readonly format: Format;
  readonly policy: Policy;
  readonly key: Uint8Array;
  readonly limits: Limits;
  /** Null when nobody was erased from this project. */
  readonly isErased: IsErased | null;
}

/** Where reading tells what it did beside rows. */
export interface Reading extends ReadSettings {
  readonly sorter: FieldSorter;
  readonly count: (kind: string, times: number) => void;
  readonly tally: RedactionTally;
}

/** A record's rows are held together: one that explodes into many must not grow without end. */
const MAX_ROWS = 60 * 1024 * 1024;
/** Characters of JSON up to which every row of a record repeats what no column takes. */
const SHORT_EXTRA = 4096;

/**
 * From a framed record to canonical, redacted rows, or to a line for the quarantine. Never throws
 * for anything that a record can hold, and nothing unredacted leaves it.
 */
export function readRecord(frame: Frame, reading: Reading, digest: string): Read {
  if (frame.bytes === null) return quarantined(frame, ["too_long", `${frame.byteLength} bytes`], reading);
  if (frame.flaw) return quarantined(frame, [frame.flaw.reason, frame.flaw.detail], reading);
  const parsed = parseRecord(frame.bytes, reading.limits.depth);
  if (parsed.kind === "refused") {
    // The file may still be growing: what its end cut is told apart from what is broken.
    if (!frame.terminated) return quarantined(frame, ["unterminated", parsed.detail], reading);
    return quarantined(frame, [parsed.reason, parsed.detail], reading);
  }
  try {
    return { kind: "rows", rows: rowsOf(parsed.value, { frame, digest }, reading) };
  } catch (error) {
    if (error instanceof MapRefusal) return quarantined(frame, [error.reason, error.message], reading);
    throw error;
  }
}

/** A record's keyed digest in hex: the first 128 bits are the key of its first row. "" for one that has no bytes. */
export const digestOf = ({ bytes }: Frame, key: Uint8Array): string =>
  bytes === null ? "" : keyedDigest(key, bytes, "\u00000").slice(0, DIGEST_LENGTH);
export const DIGEST_LENGTH = 32;

interface Content {
  readonly frame: Frame;
  readonly digest: string;
}

function rowsOf(given: JsonRecord, { frame, digest }: Content, reading: Reading): readonly SpoolRow[] {
  const { format, key } = reading;
  const record = asRead(format, given);
  if (!format.matches(record)) throw new MapRefusal("wrong_shape", `not a record of ${format.name}`);
  const mapped = format.map(record, reading.sorter.note);
  const extraOf = extraByRow(record, mapped, reading);
  const rows: SpoolRow[] = [];
  let length = 0;
  const put = (row: SpoolRow): void => {
    rows.push(row);
    // A row is rarely longer than its record: only many of them are measured.
    if (rows.length * frame.byteLength > MAX_ROWS) length += JSON.stringify(row.row).length;
    if (length > MAX_ROWS) throw new MapRefusal("too_long", "its canonical rows are too long");
  };
  // Nearly every record has one row.
  let further: ((suffix: string) => string) | null = null;
  const digestOfRow = (part: number): string =>
    part === 0 ? digest : (further ??= keyedDigestsOf(key, frame.bytes as Buffer))(`\0${part}`);
  const place = (users: unknown): RowPlace => ({
    frame,
    part: rows.length,
    rowKey: uuid(digestOfRow(rows.length)),
    reading,
    users: usersOf(users),
  });
  const finishing = ({ rowKey }: RowPlace): Finishing => ({
    format: format.name,
    key,
    note: reading.sorter.note,
    rowKey,
  });
  for (const draft of mapped.interactions) {
    const at = place(draft.user_key);
    put(spoolRow("i", finishInteraction(draft, extraOf(at.part), finishing(at)), at));
  }
  for (const draft of mapped.feedback ?? []) {
    const at = place(draft.rater);
    put(spoolRow("f", finishFeedback(draft, extraOf(at.part), finishing(at)), at));
  }
  if (rows.length === 0) throw new MapRefusal("wrong_shape", "there is no model call in it");
  return rows;
}

/** What no column takes goes to every row of a record while it is short, else to the first one only. */
function extraByRow(
  record: JsonRecord,
  { interactions, feedback = [] }: Mapped,
  { sorter }: Reading,
): (part: number) => JsonRecord | null {
  const extra = sorter.extraOf(record);
  if (interactions.length + feedback.length < 2 || JSON.stringify(extra).length <= SHORT_EXTRA)
    return () => extra;
  return (part) => {
    if (part === 0) return extra;
    sorter.note("extra", "long, kept with the first row of its record");
    return null;
  };
}

interface RowPlace {
  readonly frame: Frame;
  readonly part: number;
  readonly rowKey: string;
  readonly reading: Reading;
  /** Raw ids of the people in the row's own columns. */
  readonly users: readonly string[];
}

const usersOf = (id: unknown): readonly string[] => (typeof id === "string" ? [id] : []);

/** Columns that finishing a row checks or makes: words of the schema, pseudonyms, times in one form. A signal's kind is free text. */
const MADE = {
  i: new Set(["schema", "kind", "status", "user_key", "started_at", "ended_at", "updated_at"]),
  f: new Set(["schema", "rater", "occurred_at"]),
};

function spoolRow(
  kind: "i" | "f",
  row: Interaction | FeedbackEvent,
  { frame, part, rowKey, reading, users }: RowPlace,
): SpoolRow {
  const { policy, key, count, format } = reading;
  const userKey = "target" in row ? row.rater : row.user_key;
  const id = ("target" in row ? row.feedback_id : row.interaction_id) ?? rowKey;
  const place = { kind, rowKey, line: frame.line, part, id, userKey };
  if (reading.isErased?.({ userKey, rowKey })) return { ...place, row: null, own: {} };
  const scope = "conversation_id" in row ? row.conversation_id : null;
  const agent = "agent" in row ? row.agent : null;
  const { value, counts, left } = redactValue(row, policy, key, {
    scope,
    users,
    made: MADE[kind],
    onReplaced: (replaced) => reading.tally.add(replaced, agent),
  });
  for (const entity in counts) count(entity, counts[entity] ?? 0);
  for (const what in left) reading.tally.leave(what, left[what] ?? 0);
  for (const what in left) count(what, left[what] ?? 0);
  const own = {
    feedback_id: "target" in value ? (value.feedback_id ?? rowKey) : null,
    row_key: rowKey,
    line_no: frame.line,
    part,
    byte_offset: frame.byteOffset,
    byte_length: frame.byteLength,
    format: format.name,
    redactions: counts,
  };
  return { ...place, row: value, own };
}

/** The first 128 bits of a digest in hex: of a record's bytes and the row's place among its rows. */
function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const SHOWN = 4096;

export function quarantined(
  frame: Frame,
  [reason, detail]: readonly [QuarantineReason, string],
  { policy, key }: Pick<Reading, "policy" | "key">,
): Extract<Read, { readonly kind: "quarantined" }> {
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
