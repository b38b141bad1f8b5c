import { DuckDBInstance, DuckDBTypeId, LIST, VARCHAR, listValue } from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";

export interface DatabaseOptions {
  /** A file, or memory when absent. */
  readonly path?: string;
  readonly readOnly?: boolean;
  /** Folders that SQL may read and, unless read only, write. Nothing else can be reached. */
  readonly allowed: readonly string[];
  /** Where what does not fit into memory goes. */
  readonly temporary: string;
  readonly memoryMb?: number;
  /** More than one only where nothing but integers is folded: their sums do not depend on the order. Default 1. */
  readonly threads?: number;
}

/** What a bound parameter may be. */
export type Param = string | number | bigint | boolean | null | readonly string[];
export type Params = Readonly<Record<string, Param>>;

/** A locked-down DuckDB: one thread unless asked, UTC, no extensions, no files outside the allowed folders. */
export interface Database {
  readonly run: (sql: string, params?: Params) => Promise<void>;
  readonly rows: <T>(sql: string, params?: Params) => Promise<readonly T[]>;
  /** Rows of a SELECT, a chunk at a time. */
  readonly stream: <T>(sql: string, params?: Params) => AsyncGenerator<T>;
  readonly close: () => void;
}

/**
 * Opens DuckDB so that neither SQL nor data can reach beyond `allowed`: external access off,
 * extensions neither loaded nor fetched, configuration locked, memory capped. One thread, because
 * the same bytes must come out on every host; sums of whole numbers may have more.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(options.path ?? ":memory:", {
    threads: String(options.threads ?? 1),
    ...(options.readOnly ? { access_mode: "READ_ONLY" } : {}),
  });
  const connection = await instance.connect();
  for (const setting of settings(options)) await connection.run(setting);
  return database(connection, () => {
    connection.closeSync();
    instance.closeSync();
  });
}

function settings({ allowed, temporary, memoryMb = 1024 }: DatabaseOptions): readonly string[] {
  return [
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set TimeZone = 'UTC'",
    // It would keep half a megabyte of each Parquet file that was read, beside what the system keeps anyway.
    "set enable_external_file_cache = false",
    `set memory_limit = '${memoryMb}MB'`,
    `set temp_directory = ${sqlText(temporary)}`,
    `set allowed_directories = [${allowed.map(sqlText).join(", ")}]`,
    "set enable_external_access = false",
    "set lock_configuration = true",
  ];
}

function database(connection: DuckDBConnection, close: () => void): Database {
  return {
    run: async (sql, params) => {
      await connection.run(sql, ...bound(params));
    },
    rows: async <T>(sql: string, params?: Params) => {
      const reader = await connection.runAndReadAll(sql, ...bound(params));
      return withNumbers(reader.getRowObjectsJson(), integerColumns(reader)) as readonly T[];
    },
    stream: async function* <T>(sql: string, params?: Params) {
      const result = await connection.stream(sql, ...bound(params));
      const integers = integerColumns(result);
      for await (const chunk of result.yieldRowObjectJson())
        for (const row of withNumbers(chunk, integers)) yield row as T;
    },
    close,
  };
}

type Row = Record<string, unknown>;

interface Typed {
  readonly columnCount: number;
  readonly columnName: (column: number) => string;
  readonly columnTypeId: (column: number) => DuckDBTypeId;
}

const WIDE: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
]);

function integerColumns(result: Typed): readonly string[] {
  const columns = Array.from({ length: result.columnCount }, (_, column) => column);
  return columns
    .filter((column) => WIDE.has(result.columnTypeId(column)))
    .map((column) => result.columnName(column));
}

/** 64-bit integers come as text; those that a number holds exactly become one, in place. */
function withNumbers(rows: Row[], columns: readonly string[]): readonly unknown[] {
  for (const row of rows)
    for (const column of columns) {
      const value = row[column];
      if (typeof value === "string" && Number.isSafeInteger(Number(value))) row[column] = Number(value);
    }
  return rows;
}

/** Values, and the types of the lists: of an empty one DuckDB could not tell. */
function bound(params: Params = {}): [Record<string, DuckDBValue>, Record<string, DuckDBType>] {
  const entries = Object.entries(params);
  const lists = entries.filter(([, value]) => Array.isArray(value));
  return [
    Object.fromEntries(
      entries.map(([name, value]) => [name, Array.isArray(value) ? listValue(value) : value]),
    ) as Record<string, DuckDBValue>,
    Object.fromEntries(lists.map(([name]) => [name, LIST(VARCHAR)])),
  ];
}

/** Whether a statement failed because memory or the disk is short, and not because of what it read. */
export const isShortOfRoom = (error: unknown): boolean =>
  error instanceof Error && /^Out of Memory|No space left/.test(error.message);

/** A text as a SQL literal: for the few places where DuckDB takes no parameter (COPY's target, a view's files). */
export function sqlText(text: string): string {
  if (text.includes("\0")) throw new TypeError("a SQL text cannot hold NUL");
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of texts as a SQL literal. */
export const sqlList = (texts: readonly string[]): string => `[${texts.map(sqlText).join(", ")}]`;
