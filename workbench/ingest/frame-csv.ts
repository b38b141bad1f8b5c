import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { WorkbenchError } from "../errors/error.ts";
import { csvRow, delimiterOf } from "./csv-row.ts";
import type { Flaw, Frame, Framer, FramerStart } from "./frame.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Rows of comma-separated values below a header, each as a JSON object of texts: the record's bytes
 * are that JSON, its line and byte offset those of the row in the source. A row that is broken costs
 * its own line; reading goes on at the next one.
 */
export function csvFramer({ maxBytes }: FramerStart): Framer {
  let held: Buffer = Buffer.alloc(0);
  let offset = 0; // of the first byte in `held`
  let line = 1;
  let blank = 0;
  let delimiter: number | null = null;
  let columns: readonly string[] | null = null;
  let skipping: { readonly place: Pick<Frame, "line" | "byteOffset">; readonly hash: Hash } | null = null;

  const pass = (bytes: number): Buffer => {
    const passed = held.subarray(0, bytes);
    for (let at = passed.indexOf(NEWLINE); at !== -1; at = passed.indexOf(NEWLINE, at + 1)) line++;
    held = held.subarray(bytes);
    offset += bytes;
    return passed;
  };

  /** The next row or broken line; null when more bytes are needed. Blank rows and the header give no frame. */
  const next = (ended: boolean): readonly Frame[] | null => {
    if (offset === 0 && startsWithBom(held)) pass(3);
    if (held.length === 0) return null;
    delimiter ??= delimiterOf(held);
    const place = { line, byteOffset: offset };
    const cut = cutOf(held, { delimiter, maxBytes, ended });
    if (cut === "more") return null;
    if (cut === "skip") {
      skipping = { place, hash: createHash("sha256") };
      return [];
    }
    const raw = pass(cut.bytes);
    const byteLength = withoutLineEnd(raw);
    const terminated = raw[raw.length - 1] === NEWLINE;
    if (cut.kind === "row") {
      const { cells } = cut;
      if (cells.length === 1 && cells[0] === null) {
        blank++;
        return [];
      }
      if (columns === null) {
        columns = columnsOf(cells);
        return [];
      }
      if (cells.length === columns.length)
        return [{ ...place, byteLength, bytes: recordBytes(columns, cells), sha256: null, terminated }];
    }
    if (columns === null) throw noHeader();
    const flaw = cut.kind === "row" ? miscounted(cut.cells.length, columns.length, terminated) : cut.flaw;
    const bytes = Buffer.from(raw.subarray(0, byteLength));
    return [{ ...place, byteLength, bytes, sha256: null, terminated, flaw }];
  };

  /** Passes a line that is over the cap, hashed and never held. */
  const skip = (ended: boolean): readonly Frame[] => {
    if (skipping === null) return [];
    const raw = pass(lineLength(held));
    skipping.hash.update(raw);
    const terminated = raw[raw.length - 1] === NEWLINE;
    if (!terminated && !ended) return [];
    const { place, hash } = skipping;
    skipping = null;
    const byteLength = offset - place.byteOffset;
    return [{ ...place, byteLength, bytes: null, sha256: hash.digest("hex"), terminated }];
  };

  const take = (ended: boolean): readonly Frame[] => {
    const frames: Frame[] = [];
    for (;;) {
      frames.push(...skip(ended));
      const more = skipping === null ? next(ended) : null;
      if (more === null) return frames;
      frames.push(...more);
    }
  };

  return {
    push: (chunk) => {
      held = Buffer.concat([held, chunk]);
      // Which sign divides the cells is read off the whole header.
      if (delimiter === null && !held.includes(NEWLINE) && held.length < maxBytes) return [];
      return take(false);
    },
    end: () => take(true),
    blank: () => blank,
    nextLine: () => line,
  };
}

type Cut =
  | { readonly kind: "row"; readonly bytes: number; readonly cells: readonly (string | null)[] }
  | { readonly kind: "flaw"; readonly bytes: number; readonly flaw: Flaw }
  | "more"
  | "skip";

/** What comes off the front of `held`: a row, or one line of a row that is broken. */
function cutOf(
  held: Buffer,
  { delimiter, maxBytes, ended }: { delimiter: number; maxBytes: number; ended: boolean },
): Cut {
  const row = csvRow(held, { from: 0, delimiter, ended });
  if (row.kind === "more" && held.length <= maxBytes) return "more";
  if (row.kind === "row" && row.end <= maxBytes) return { kind: "row", bytes: row.end, cells: row.cells };
  const bytes = lineLength(held);
  if (bytes > maxBytes) return "skip";
  if (row.kind === "flaw") return { kind: "flaw", bytes, flaw: row };
  // A quote opened here and closed far away, if at all: the lines between are rows of their own.
  return { kind: "flaw", bytes, flaw: { reason: "row_malformed", detail: "a quote that nothing closes" } };
}

function lineLength(bytes: Buffer): number {
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? bytes.length : end + 1;
}

function withoutLineEnd(raw: Buffer): number {
  let end = raw.length;
  if (raw[end - 1] === NEWLINE) end--;
  if (raw[end - 1] === RETURN) end--;
  return end;
}

/** The last line of a file that is still written may have half its cells. */
function miscounted(cells: number, columns: number, terminated: boolean): Flaw {
  return {
    reason: terminated ? "row_malformed" : "unterminated",
    detail: `${cells} cells under ${columns} columns`,
  };
}

/** Names of the columns, each once: a second `score` is `score_2`, a nameless third column `column_3`. */
function columnsOf(cells: readonly (string | null)[]): readonly string[] {
  const taken = new Set<string>();
  return cells.map((cell, n) => {
    const name = cell?.trim() ? cell.trim() : `column_${n + 1}`;
    let own = name;
    for (let again = 2; taken.has(own); again++) own = `${name}_${again}`;
    taken.add(own);
    return own;
  });
}

function recordBytes(columns: readonly string[], cells: readonly (string | null)[]): Buffer {
  const record = Object.create(null) as Record<string, string | null>; // a column may be called __proto__
  columns.forEach((name, n) => (record[name] = cells[n] ?? null));
  return Buffer.from(JSON.stringify(record));
}

const startsWithBom = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

function noHeader(): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: "line 1",
    what: "the first line is no header of comma-separated values",
    why: "the header names the members of every row",
    fix: "write the names of the columns into the first line, in UTF-8",
  });
}
