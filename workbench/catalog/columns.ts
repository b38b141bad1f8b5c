import type { z } from "zod";
import { StoredFeedback, StoredInteraction } from "../schema/interaction.ts";
import type { ColumnType, ColumnTypes } from "../store/parquet/column.ts";

/** Column name → DuckDB type, in the order of the schema. */
export type Columns = Readonly<Record<string, string>>;

const TYPED: ColumnTypes = { row_key: "uuid", turn: "int32", part: "int32", n: "int32" };

/**
 * What the column of a zod schema holds. The schema is the source: nothing in SQL is inferred from data.
 * Worked value: `z.string().nullable()` is `text`, an unknown is `json`.
 */
function columnType(name: string, schema: z.core.$ZodType): ColumnType {
  const typed = TYPED[name];
  if (typed !== undefined) return typed;
  if (name.endsWith("_at")) return "time";
  const { def } = schema._zod;
  if (def.type === "default" || def.type === "nullable" || def.type === "optional")
    return columnType(name, (def as z.core.$ZodDefaultDef).innerType);
  if (def.type === "array") return { list: columnType("", (def as z.core.$ZodArrayDef).element) };
  if (def.type === "object") return { struct: typesOf((def as z.core.$ZodObjectDef).shape) };
  if (def.type === "record") return { counts: true };
  if (def.type === "boolean") return "boolean";
  if (def.type === "number") return isInteger(schema) ? "int64" : "double";
  if (def.type === "unknown") return "json";
  return "text";
}

function isInteger(schema: z.core.$ZodType): boolean {
  const checks = schema._zod.def.checks ?? [];
  return checks.some((check) => (check._zod.def as { format?: string }).format === "safeint");
}

function typesOf(shape: Readonly<Record<string, z.core.$ZodType>>): ColumnTypes {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, columnType(name, schema)]));
}

const SCALARS = {
  text: "VARCHAR",
  json: "JSON",
  uuid: "UUID",
  int32: "INTEGER",
  int64: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  time: "TIMESTAMPTZ",
} as const;

/** The DuckDB type of what a column holds. */
export function duckType(type: ColumnType): string {
  if (typeof type === "string") return SCALARS[type];
  if ("list" in type) return `${duckType(type.list)}[]`;
  if ("struct" in type) return `STRUCT(${fieldList(duckTypes(type.struct))})`;
  return "MAP(VARCHAR, INTEGER)";
}

function duckTypes(types: ColumnTypes): Columns {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, duckType(type)]));
}

function fieldList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ");
}

/** What the columns of `rows.parquet` hold, as a row file writes them. */
export const INTERACTION_TYPES = typesOf(StoredInteraction.shape);
/** What the columns of `feedback.parquet` hold. */
export const FEEDBACK_TYPES = typesOf(StoredFeedback.shape);
/** Columns of `rows.parquet`, pinned. */
export const INTERACTION_COLUMNS = duckTypes(INTERACTION_TYPES);
/** Columns of `feedback.parquet`, pinned. */
export const FEEDBACK_COLUMNS = duckTypes(FEEDBACK_TYPES);

/** `{id: 'VARCHAR', …}`, as read_json's `columns` wants it. Only constants of this program go in. */
export function columnsLiteral(columns: Columns): string {
  return `{${Object.entries(columns)
    .map(([name, type]) => `"${name}": '${type}'`)
    .join(", ")}}`;
}

/** An empty table with these columns, for views over no files. */
export function emptySelect(columns: Columns): string {
  return `select ${Object.entries(columns)
    .map(([name, type]) => `null::${type} as "${name}"`)
    .join(", ")} where false`;
}

const isTime = ([, type]: readonly [string, string]): boolean => type === "TIMESTAMPTZ";

/**
 * A SELECT list that gives times as ISO text in UTC with microseconds, nested ones too, so that
 * `to_json` of the row is the canonical record again.
 */
export function isoSelectList(
  columns: Columns,
  { without = [] }: { without?: readonly string[] } = {},
): string {
  return Object.entries(columns)
    .filter(([name]) => !without.includes(name))
    .map((column) => (isTime(column) ? `${iso(`"${column[0]}"`)} as "${column[0]}"` : `"${column[0]}"`))
    .join(", ");
}

/** A TIMESTAMPTZ expression as ISO text. The session's time zone is UTC. */
export const iso = (expression: string): string => `strftime(${expression}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
