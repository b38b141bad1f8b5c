import { join, relative, sep } from "node:path";
import type { Database } from "../../catalog/database.ts";
import { sqlText } from "../../catalog/database.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import type { Needles } from "./needles.ts";
import { rowWithout } from "./row-texts.ts";

/** A file that holds something of the person. */
export interface Trace {
  readonly path: string;
  /** Relative to the project, with forward slashes. */
  readonly shown: string;
  /** Lines, or rows of a Parquet file. */
  readonly lines: number;
}

// Not the project's own: history is git's, packages are npm's.
const SKIPPED = new Set([".git", "node_modules"]);

/** Every file below `folder`, or else the project, that holds one of the needles; Parquet is unpacked, all else read as bytes. */
export async function findTraces(
  project: Project,
  { needles, db, except, folder = project.root }: Searching,
  effects: Effects,
): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  for await (const path of filesBelow(folder, new Set(except), effects)) {
    const lines = path.endsWith(".parquet")
      ? await rowsNaming(path, needles, db)
      : await linesNaming(path, needles, effects);
    if (lines > 0) traces.push({ path, lines, shown: relative(project.root, path).split(sep).join("/") });
  }
  return traces;
}

async function linesNaming(path: string, needles: Needles, effects: Effects): Promise<number> {
  let lines = 0;
  for await (const line of linesOf(path, effects)) if (needles.isIn(line)) lines++;
  return lines;
}

/** DuckDB passes over the rows that hold none of the needles for certain. */
async function rowsNaming(path: string, needles: Needles, db: Database): Promise<number> {
  let rows = 0;
  const sql = `select json from (select to_json(r)::varchar as json from read_parquet($path) as r) where ${nameIn("json", needles)}`;
  for await (const { json } of db.stream<{ json: string }>(sql, { path }))
    if (rowWithout(json, needles) !== json) rows++;
  return rows;
}

/**
 * A condition that holds wherever a column of texts has one of the needles: DuckDB searches thirty times as fast
 * as we do here. Where they are too many for one expression it always holds.
 */
export const nameIn = (column: string, { pattern }: Needles): string =>
  pattern === null ? "true" : `regexp_matches(${column}, ${sqlText(pattern)})`;

export interface Searching {
  readonly needles: Needles;
  readonly db: Database;
  /** Paths that are not looked at, with all below them. */
  readonly except: readonly string[];
  readonly folder?: string;
}

async function* filesBelow(
  folder: string,
  except: ReadonlySet<string>,
  effects: Effects,
): AsyncGenerator<string> {
  for (const name of await effects.list(folder)) {
    const path = join(folder, name);
    const info = await effects.stat(path);
    if (SKIPPED.has(name) || except.has(path)) continue;
    if (info?.isDirectory) yield* filesBelow(path, except, effects);
    else if (info?.isFile) yield path;
  }
}

const LONGEST_LINE = 1 << 26;

/** Lines of a file. What has no line ends comes in large pieces that overlap. */
export async function* linesOf(path: string, effects: Effects): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of effects.stream(path)) {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a, from)) {
      yield rest.subarray(from, end);
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LONGEST_LINE) {
      yield rest;
      rest = rest.subarray(rest.length - (1 << 16));
    }
  }
  if (rest.length > 0) yield rest;
}
