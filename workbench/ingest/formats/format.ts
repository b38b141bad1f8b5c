import type { FeedbackEvent, Interaction } from "../../schema/interaction.ts";
import type { QuarantineReason } from "../../schema/import.ts";
import type { JsonRecord } from "../parse.ts";

/** What a format makes of a record: rows still to be checked, their missing members absent. */
export type InteractionDraft = { readonly [Key in keyof Interaction]?: unknown };
export type FeedbackDraft = { readonly [Key in keyof FeedbackEvent]?: unknown };

export interface Mapped {
  readonly interactions: readonly InteractionDraft[];
  readonly feedback?: readonly FeedbackDraft[];
}

/** Counts a value that the canonical row holds in another form than the source did. */
export type Note = (path: string, what: string) => void;

/**
 * Where a path of the source goes: "mapped" to a column, kept in "extra", or dropped for the reason
 * given. The verdict holds for everything below the path; `[]` stands for every array index.
 * "listed" takes the verdict of the paths above back: only what is declared below it is known.
 * Paths that no entry covers are kept in `extra` and reported.
 */
export type Fields = Readonly<Record<string, "mapped" | "extra" | "listed" | `dropped because ${string}`>>;

/** What a mapping file says, checked, and the digest of its bytes: plain data, of which another thread makes the same format. */
export interface MappingSource {
  readonly value: unknown;
  readonly sha256: string;
}

/** One kind of log. `map` throws MapRefusal for a record that it cannot take. */
export interface Format {
  readonly name: string;
  /** Raised when `map` gives other rows for the same record. */
  readonly version: number | string;
  /** True for records of this format and for no record of another one. */
  readonly matches: (record: JsonRecord) => boolean;
  readonly map: (record: JsonRecord, note: Note) => Mapped;
  /** Members that may come as JSON text; `map` gets what they say. */
  readonly unfolds?: readonly string[];
  readonly fields: Fields;
  /** The mapping file that it was made of. */
  readonly mapping?: MappingSource;
}

export class MapRefusal extends Error {
  readonly reason: QuarantineReason;
  constructor(reason: QuarantineReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export const isRecord = (value: unknown): value is JsonRecord =>
  value !== null && typeof value === "object" && !Array.isArray(value);

export const has = (record: JsonRecord, ...names: readonly string[]): boolean =>
  names.every((name) => Object.hasOwn(record, name));

/** A member that is an object, else an empty one. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Text, or null for anything else; "" is null too, as exporters write it for "nothing". */
export const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;
export const numberOf = (value: unknown): number | null => {
  if (typeof value === "string" && /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value)) return Number(value);
  return typeof value === "number" ? value : null;
};
/** A count, which tables write as text; what is none stays, and the schema refuses it. */
export const countOf = (value: unknown): unknown =>
  numberOf(value) ?? (value === "" ? null : (value ?? null));
/** An id, which some exporters write as a number. */
export const idOf = (value: unknown): string | null =>
  typeof value === "number" ? String(value) : textOf(value);

/** What a table says of a word; undefined for a word that is not in it, and for what is no word: a log may hold anything. */
export function lookUp<T>(table: Readonly<Record<string, T>>, word: unknown): T | undefined {
  return typeof word === "string" && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Parses JSON that a log holds as text; text that is not JSON stays text and is noted. */
export function jsonOf(value: unknown, path: string, note: Note): unknown {
  if (typeof value !== "string" || value === "") return value ?? null;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    note(path, "text that is not JSON, kept as text");
    return value;
  }
}

/**
 * A record as its format reads it: members that came as JSON text, as tables and Parquet exports write
 * them, are what they say. Only text that is a whole JSON object or list; other text stays.
 */
export function asRead({ unfolds = [] }: Format, record: JsonRecord): JsonRecord {
  let found: Record<string, unknown> | null = null;
  for (const name of unfolds) {
    const value = record[name];
    if (typeof value !== "string" || !/^\s*[[{]/.test(value)) continue;
    try {
      found = { ...(found ?? record), [name]: JSON.parse(value) as unknown };
    } catch {
      // not JSON after all
    }
  }
  return found ?? record;
}

/** A turn made of whatever an application logged as its input or output; what is not text is kept in `parts`. */
export function freeTurn(role: "user" | "assistant", value: unknown): Readonly<Record<string, unknown>>[] {
  if (value === null || value === undefined || value === "") return [];
  return [
    {
      role,
      content: typeof value === "string" ? value : JSON.stringify(value),
      parts: typeof value === "string" ? null : value,
    },
  ];
}
