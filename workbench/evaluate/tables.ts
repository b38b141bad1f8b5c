import { dirname, extname, join } from "node:path";
import type { Params } from "../catalog/database.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import { resolveInside, type Project } from "../store/paths.ts";
import type { Row } from "./read-rows.ts";
import { dataPath, parseRows, type DataSource, type JsonlOptions } from "./source.ts";

// DuckDB is loaded by the first source that needs it: most suites read JSONL, and begin sooner without it.

/** Without `map`, a row's columns `id`, `input` and `expected` are what they are called; the rest describes. */
export type TableOptions<R, I, E> = Partial<JsonlOptions<R, I, E>>;

/**
 * Items from a CSV file with a header line. Every cell is text and an empty one is null: no type is
 * guessed, so that `007` stays what it is and a further row changes no other. Paths as in `jsonl`.
 * Worked value: `csv("faq.csv", {map: (row) => ({input: row.question, expected: row.answer})})`.
 */
export function csv<R, I = unknown, E = unknown>(
  path: string,
  options: TableOptions<R, I, E> = {},
): DataSource<I, E> {
  const read = (file: string): string => `select * from read_csv(${file}, header = true, all_varchar = true)`;
  return tableFile(path, { ".csv": read, ".gz": read }, options);
}

/** Items from a Parquet file; nested columns become objects, whole numbers beyond 2^53 stay text. */
export function parquet<R, I = unknown, E = unknown>(
  path: string,
  options: TableOptions<R, I, E> = {},
): DataSource<I, E> {
  return tableFile(path, { ".parquet": (file) => `select * from read_parquet(${file})` }, options);
}

/**
 * Items from a query over the catalog: the text of a `.sql` file of the project with `$name`
 * parameters. It reads only the project's own interactions, and what it gave is stored by content,
 * so a growing table does not change what was measured.
 * Worked value: `sql("evals/holdout.sql", {since: "2026-01-01"})`.
 */
export function sql<R, I = unknown, E = unknown>(
  path: string,
  params: Params = {},
  options: TableOptions<R, I, E> = {},
): DataSource<I, E> {
  const open = async function* (project: Project, effects: Effects): AsyncIterable<Row> {
    const file = await resolveInside(project.root, [path], effects);
    if (!(await effects.stat(file))) throw missing(file);
    const text = Buffer.from(await effects.read(file)).toString("utf8");
    const { openCatalog } = await import("../catalog/catalog.ts");
    const catalog = await openCatalog(project, effects);
    try {
      yield* numbered(understood(path, catalog.stream(text, params)));
    } finally {
      catalog.close();
    }
  };
  return source(path, open, options);
}

type Reader = (file: string) => string;

function tableFile<R, I, E>(
  path: string,
  readers: Readonly<Record<string, Reader>>,
  options: TableOptions<R, I, E>,
): DataSource<I, E> {
  const open = async function* (project: Project, effects: Effects): AsyncIterable<Row> {
    const read = readers[extname(path)];
    const file = dataPath(path, project, effects);
    if (!read)
      throw new WorkbenchError({
        code: "WB_FORMAT_UNKNOWN",
        where: path,
        what: `this source reads ${Object.keys(readers).join(" or ")} files`,
        fix: "choose jsonl(), csv() or parquet() by what the file is",
      });
    if (!(await effects.stat(file))) throw missing(file);
    const temporary = join(project.private, "tmp", Buffer.from(effects.random(6)).toString("hex"));
    const { openDatabase, sqlText } = await import("../catalog/database.ts");
    const db = await openDatabase({ readOnly: false, allowed: [dirname(file)], temporary });
    try {
      yield* numbered(understood(path, db.stream(read(sqlText(file)))));
    } finally {
      db.close();
    }
  };
  return source(path, open, options);
}

function source<R, I, E>(
  from: string,
  open: (project: Project, effects: Effects) => AsyncIterable<Row>,
  options: TableOptions<R, I, E>,
): DataSource<I, E> {
  const plain = options as Partial<JsonlOptions<unknown, unknown, unknown>>;
  return {
    kind: "data",
    from,
    open: (project, effects) => parseRows(open(project, effects), plain, from),
  } as DataSource<I, E>;
}

async function* numbered(rows: AsyncIterable<unknown>): AsyncIterable<Row> {
  let index = 0;
  for await (const value of rows) yield { value, index, place: ++index };
}

/** What DuckDB does not understand is the file's fault, told with the file's name. */
async function* understood(path: string, rows: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* rows;
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: path,
      what: `it cannot be read: ${quoted((error as Error).message.slice(0, 200))}`,
      fix: "correct the file, or the query and its parameters",
      cause: error,
    });
  }
}

const missing = (path: string): WorkbenchError =>
  new WorkbenchError({
    code: "WB_FILE_MISSING",
    where: path,
    what: "there is no such file",
    fix: "check the path that the suite names",
  });
