import type { Flaw } from "./frame.ts";

/** One row of comma-separated values, or why it is none. Offsets are into the bytes that were given. */
export type CsvRow =
  | {
      readonly kind: "row";
      /** Null for an empty cell without quotes; `""` is an empty text. */
      readonly cells: readonly (string | null)[];
      readonly end: number;
      readonly terminated: boolean;
    }
  | ({ readonly kind: "flaw" } & Flaw)
  | { readonly kind: "more" };

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface CsvPlace {
  readonly from: number;
  /** Of one byte: comma, semicolon, tab or bar. */
  readonly delimiter: number;
  /** No more bytes will come. */
  readonly ended: boolean;
}

/**
 * Reads the row at `from` as RFC 4180 has it: cells in quotes may hold delimiters, newlines and
 * doubled quotes. Worked value: `a,"b ""c""",` and a newline are the cells `a`, `b "c"` and null.
 */
export function csvRow(bytes: Buffer, { from, delimiter, ended }: CsvPlace): CsvRow {
  const cells: (string | null)[] = [];
  for (let at = from; ;) {
    const isQuoted = bytes[at] === QUOTE;
    const close = isQuoted ? endOfQuoted(bytes, at, ended) : endOfPlain(bytes, at, delimiter);
    if (close === -1) return ended ? flaw("a quote that nothing closes") : { kind: "more" };
    if (close >= bytes.length && !ended) return { kind: "more" };
    let next = isQuoted ? close + 1 : close;
    const raw = bytes.subarray(isQuoted ? at + 1 : at, close);
    if (bytes[next] === RETURN) {
      if (next + 1 >= bytes.length && !ended) return { kind: "more" };
      if (bytes[next + 1] === NEWLINE || next + 1 >= bytes.length) next++;
    }
    const ends = next >= bytes.length;
    if (!ends && bytes[next] !== delimiter && bytes[next] !== NEWLINE)
      return flaw("text after a closing quote");
    try {
      cells.push(cellOf(raw, isQuoted, ends || bytes[next] === NEWLINE));
    } catch {
      return { kind: "flaw", reason: "utf8_invalid", detail: "not UTF-8" };
    }
    if (ends || bytes[next] === NEWLINE)
      return { kind: "row", cells, end: Math.min(next + 1, bytes.length), terminated: !ends };
    at = next + 1;
  }
}

const flaw = (detail: string): CsvRow => ({ kind: "flaw", reason: "row_malformed", detail });

/** Position of the quote that closes the cell opened at `open`, or -1. */
function endOfQuoted(bytes: Buffer, open: number, ended: boolean): number {
  for (let at = bytes.indexOf(QUOTE, open + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 2)) {
    if (at + 1 >= bytes.length && !ended) return -1; // its double may be in the next chunk
    if (bytes[at + 1] !== QUOTE) return at;
  }
  return -1;
}

/** Position of the delimiter or line end after `at`; a CR before LF or the end is not part of the cell. */
function endOfPlain(bytes: Buffer, at: number, delimiter: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== delimiter && bytes[end] !== NEWLINE) end++;
  return end;
}

function cellOf(raw: Buffer, isQuoted: boolean, isLast: boolean): string | null {
  if (isQuoted) return STRICT.decode(raw).replaceAll('""', '"');
  const bytes = isLast && raw[raw.length - 1] === RETURN ? raw.subarray(0, -1) : raw;
  return bytes.length === 0 ? null : STRICT.decode(bytes);
}

/** The delimiter that a header line has most of, outside quotes; a comma when it has none. */
export function delimiterOf(head: Buffer): number {
  const line = head.subarray(0, 1 << 16).toString("latin1");
  const header = (line.split("\n")[0] ?? "").replace(/"(?:[^"]|"")*"/g, "");
  const counted = [",", "\t", ";", "|"].map((sign) => ({ sign, times: header.split(sign).length }));
  const best = counted.reduce((most, next) => (next.times > most.times ? next : most));
  return best.sign.charCodeAt(0);
}
