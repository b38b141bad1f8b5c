import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";

/** One row of a file; `value` is an Error where the line is not JSON. */
export interface Row {
  readonly value: unknown;
  /** From 0, counting rows that are data. */
  readonly index: number;
  /** Line of a .jsonl file, number of the element in a .json list; from 1. */
  readonly place: number;
}

/**
 * Streams the rows of a `.jsonl` file, or the elements of a `.json` list; gzipped if it ends in
 * `.gz`. A `.json` file is read whole. Blank lines are skipped.
 * @throws WB_FILE_MISSING where there is no such file, WB_FORMAT_UNKNOWN for another ending.
 */
export async function* readRows(path: string, effects: Effects): AsyncIterable<Row> {
  if (!(await effects.stat(path)))
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: path,
      what: "there is no such file",
      ...(path.includes("shared/data") || effects.env("WORKBENCH_REAL_DATA") !== undefined
        ? {
            why: "published data is never part of the project",
            fix: "point WORKBENCH_REAL_DATA at the folder that holds it",
          }
        : { fix: "check the path that the suite names" }),
    });
  const plain = path.replace(/\.gz$/, "");
  const bytes = path.endsWith(".gz") ? gunzipped(effects.stream(path)) : effects.stream(path);
  if (plain.endsWith(".jsonl")) yield* linesOf(bytes);
  else if (plain.endsWith(".json")) yield* elementsOf(bytes, path);
  else
    throw new WorkbenchError({
      code: "WB_FORMAT_UNKNOWN",
      where: path,
      what: "this is neither .jsonl nor .json (nor one of them with .gz)",
      fix: "convert it, for instance with DuckDB: COPY … TO 'rows.jsonl' (FORMAT json)",
    });
}

function gunzipped(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return Readable.from(stream).pipe(createGunzip());
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Row> {
  let [index, place] = [0, 0];
  for await (const line of textLines(bytes)) {
    place++;
    if (line.trim() === "") continue;
    yield { value: jsonOrError(line), index: index++, place };
  }
}

/** The lines of a text, decoded; the last need not end in a line feed. */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

async function* elementsOf(bytes: AsyncIterable<Uint8Array>, path: string): AsyncIterable<Row> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  const value = jsonOrError(Buffer.concat(chunks).toString("utf8"));
  if (!Array.isArray(value))
    throw new WorkbenchError({
      code: "WB_FORMAT_UNKNOWN",
      where: path,
      what: value instanceof Error ? value.message : "this .json file is not a list",
      fix: "give a list of rows, or one row per line in a .jsonl file",
    });
  for (const [index, element] of value.entries()) yield { value: element, index, place: index + 1 };
}

function jsonOrError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return new Error(`not JSON: ${(error as Error).message.slice(0, 80)}`);
  }
}
