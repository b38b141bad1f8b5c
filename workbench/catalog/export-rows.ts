import { join, resolve } from "node:path";
import {
  Bool,
  Field,
  Float64,
  Int64,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  makeData,
  vectorFromArray,
} from "apache-arrow";
import { RecordBatch } from "apache-arrow";
import type { DataType } from "apache-arrow";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { openCatalog } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { sqlText } from "./database.ts";

export const EXPORTS = ["parquet", "arrow", "csv"] as const;
export type ExportFormat = (typeof EXPORTS)[number];

export interface RowExport {
  /** One SELECT over the catalog's tables and views. */
  readonly select: string;
  readonly format: ExportFormat;
  /** A file that is not there yet. */
  readonly out: string;
}

const BATCH_ROWS = 10_000;

/**
 * Writes the rows of a SELECT to a Parquet, Arrow IPC or CSV file, for pandas, Polars, DuckDB, spreadsheets and
 * the like; gives their number. Parquet keeps DuckDB's types; in Arrow and CSV, lists, structures and JSON are
 * JSON text, and in Arrow integers are 64 bits wide. The file appears whole or not at all.
 */
export async function exportRows(
  project: Project,
  { select, format, out }: RowExport,
  effects: Effects = realEffects,
): Promise<number> {
  const path = resolve(out);
  if (await effects.stat(path)) throw thereAlready(out);
  const token = Buffer.from(effects.random(6)).toString("hex");
  const work = join(project.private, "tmp", `export-${token}`);
  await effects.mkdir(work);
  const catalog = await openCatalog(project, effects, { writable: work });
  try {
    const part = join(work, "rows");
    // Describing it first refuses whatever is more than one SELECT: COPY would take its other half as its own.
    const columns = await catalog.rows<Column>(`select column_name, column_type from (describe ${select}\n)`);
    const rows = await WRITERS[format](catalog, {
      select,
      columns,
      part,
      effects,
    });
    // The other side of a mount cannot be renamed to: a copy beside it can.
    const beside = `${path}.${token}`;
    await effects.write(beside, "");
    for await (const chunk of effects.stream(part)) await effects.append(beside, chunk);
    await effects.fsync(beside);
    await effects.rename(beside, path);
    return rows;
  } finally {
    catalog.close();
    await effects.remove(work);
  }
}

interface Writing {
  readonly select: string;
  readonly columns: readonly Column[];
  readonly part: string;
  readonly effects: Effects;
}

async function toParquet(catalog: Catalog, { select, part }: Writing): Promise<number> {
  const [written] = await catalog.rows<{ Count: number }>(
    `copy (${select}\n) to ${sqlText(part)} (format parquet, compression zstd)`,
  );
  return written?.Count ?? 0;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers. */
async function toCsv(catalog: Catalog, { select, columns, part }: Writing): Promise<number> {
  const [written] = await catalog.rows<{ Count: number }>(
    `copy (select ${columns.map(csvColumn).join(", ")} from (${select}\n)) to ${sqlText(part)} (format csv, header true)`,
  );
  return written?.Count ?? 0;
}

const PLAIN = /^(?:BOOLEAN|DOUBLE|FLOAT|DECIMAL\(.*\)|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)$/;
const SCALAR = /^(?:VARCHAR|UUID|JSON|DATE|TIME.*)$/;

function csvColumn({ column_name: name, column_type: type }: Column): string {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  if (PLAIN.test(type)) return quoted;
  const text = SCALAR.test(type) ? `${quoted}::varchar` : `to_json(${quoted})::varchar`;
  return `case when regexp_matches(${text}, '^\\s*[=+@\\t\\r-]') then '''' || ${text} else ${text} end as ${quoted}`;
}

const WRITERS = { parquet: toParquet, arrow: toArrow, csv: toCsv };

interface Column {
  readonly column_name: string;
  readonly column_type: string;
}

interface ArrowColumn {
  readonly name: string;
  readonly sql: string;
  readonly type: DataType;
  readonly valueOf: (value: unknown) => unknown;
}

async function toArrow(
  catalog: Catalog,
  { select, columns: described, part, effects }: Writing,
): Promise<number> {
  const columns = described.map(arrowColumn);
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, type, true)));
  const writer = new RecordBatchFileWriter();
  const list = columns.map(({ sql }, n) => `${sql} as c${n}`).join(", ");
  let batch: Record<string, unknown>[] = [];
  let rows = 0;
  writer.reset(undefined, schema);
  const flush = (): void => {
    if (batch.length > 0) writer.write(recordBatch(schema, columns, batch));
    batch = [];
  };
  for await (const row of catalog.stream<Record<string, unknown>>(`select ${list} from (${select}\n)`)) {
    batch.push(row);
    rows++;
    if (batch.length === BATCH_ROWS) flush();
  }
  flush();
  writer.finish();
  await effects.write(part, await writer.toUint8Array());
  return rows;
}

function recordBatch(
  schema: Schema,
  columns: readonly ArrowColumn[],
  rows: readonly Record<string, unknown>[],
): RecordBatch {
  const children = columns.map(({ type, valueOf }, n) => {
    const values = rows.map((row) => {
      const value = row[`c${n}`];
      return value === null || value === undefined ? null : valueOf(value);
    });
    const [data] = vectorFromArray(values, type).data;
    if (data === undefined) throw new Error("a column without data");
    return data;
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, children }),
  );
}

function arrowColumn({ column_name: name, column_type: type }: Column): ArrowColumn {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const column = (sql: string, arrow: DataType, valueOf: (value: unknown) => unknown): ArrowColumn => ({
    name,
    sql,
    type: arrow,
    valueOf,
  });
  const same = (value: unknown): unknown => value;
  if (type === "BOOLEAN") return column(quoted, new Bool(), same);
  if (type === "DOUBLE" || type === "FLOAT") return column(quoted, new Float64(), Number);
  if (/^(?:TINY|SMALL|BIG)?INT(?:EGER)?$/.test(type))
    return column(quoted, new Int64(), (value) => BigInt(String(value)));
  if (type === "TIMESTAMP" || type.startsWith("TIMESTAMP WITH"))
    return column(
      `epoch_us(${quoted})::varchar`,
      new TimestampMicrosecond("UTC"),
      (value) => Number(value) / 1000,
    );
  const isText = type === "VARCHAR" || type === "UUID" || type === "JSON" || type === "DATE";
  return column(isText ? `${quoted}::varchar` : `to_json(${quoted})::varchar`, new Utf8(), String);
}

function thereAlready(out: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_USAGE",
    where: "--out",
    what: `there is a file ${JSON.stringify(out)} already`,
    fix: "name another one, or remove it first",
  });
}
