import { WorkbenchError } from "../errors/error.ts";
import { DigestMap } from "../store/digest-map.ts";
import { eachLine } from "../store/each-line.ts";
import type { Effects } from "../store/effects.ts";
import { readRows } from "./read-rows.ts";

/** Rows of a file, found by their keys. */
export interface KeyedRows {
  readonly has: (key: string) => boolean;
  /** Null where no row has the key. @throws WB_INTEGRITY where the file has changed since it was opened. */
  readonly find: (key: string) => Promise<unknown>;
}

export interface RowKeys {
  /** The keys of a row; the last row with a key is the one that is found. */
  readonly of: (row: unknown) => readonly string[];
  /** Told of a key that an earlier row has. `place` is the row's line, from 1. */
  readonly again?: (key: string, row: unknown, place: number) => void;
}

/**
 * Reads the keys of a file's rows. Rows of a plain `.jsonl` file stay where they are: 32 bytes are held of
 * each, and a row is read when it is asked for. Those of `.json` and of gzipped files are held whole.
 * @throws WB_FILE_MISSING, WB_FORMAT_UNKNOWN; WB_SUITE_INVALID with the line of a row that is no JSON.
 */
export async function openKeyedRows(path: string, keys: RowKeys, effects: Effects): Promise<KeyedRows> {
  const isPlain = path.endsWith(".jsonl") && (await effects.stat(path)) !== null;
  return isPlain ? rowsInPlace(path, keys, effects) : rowsHeld(path, keys, effects);
}

async function rowsInPlace(path: string, keys: RowKeys, effects: Effects): Promise<KeyedRows> {
  const places = new DigestMap();
  let line = 0;
  const index = (bytes: Buffer, offset: number): void => {
    line++;
    const row = rowIn(bytes);
    if (row === BLANK) return;
    if (row === BROKEN) throw noJson(path, line);
    for (const key of keys.of(row)) {
      if (places.has(key)) keys.again?.(key, row, line);
      places.set(key, offset, bytes.length);
    }
  };
  const rest = await eachLine(path, index, effects);
  const size = (await effects.stat(path))?.size ?? 0;
  if (rest > 0) index(Buffer.from(await effects.readAt(path, size - rest, rest)), size - rest);
  return {
    has: (key) => places.has(key),
    find: async (key) => {
      const [offset, bytes] = places.get(key) ?? [0, 0];
      if (bytes === 0) return null;
      const row = rowIn(Buffer.from(await effects.readAt(path, offset, bytes)));
      if (row === BLANK || row === BROKEN || !keys.of(row).includes(key)) throw changed(path);
      return row;
    },
  };
}

async function rowsHeld(path: string, keys: RowKeys, effects: Effects): Promise<KeyedRows> {
  const rows = new Map<string, unknown>();
  for await (const { value, place } of readRows(path, effects)) {
    if (value instanceof Error) throw noJson(path, place);
    for (const key of keys.of(value)) {
      if (rows.has(key)) keys.again?.(key, value, place);
      rows.set(key, value);
    }
  }
  return { has: (key) => rows.has(key), find: async (key) => rows.get(key) ?? null };
}

/** It also leaves out the mark that some editors put before the first line. */
const UTF8 = new TextDecoder();
const BLANK = Symbol("a line without anything");
const BROKEN = Symbol("a line that is no JSON");

function rowIn(bytes: Buffer): unknown {
  const text = UTF8.decode(bytes);
  if (text.trim() === "") return BLANK;
  try {
    return JSON.parse(text);
  } catch {
    return BROKEN;
  }
}

const noJson = (path: string, place: number): WorkbenchError =>
  new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `${path}:${place}`,
    what: "this row is no JSON",
    why: "an answer that cannot be read would count as one that was never given",
    fix: "write the file again, or remove what is left of the row",
  });

const changed = (path: string): WorkbenchError =>
  new WorkbenchError({
    code: "WB_INTEGRITY",
    where: path,
    what: "the file has changed since this run began to read it",
    why: "its rows are no longer where they stood, and nobody could say which answers were scored",
    fix: "run again once nothing writes to the file",
  });
