import type { z } from "zod";
import { StoredFeedback, StoredInteraction } from "../schema/interaction.ts";

/** Column name → DuckDB type, in the order of the schema. */
export type Columns = Readonly<Record<string, string>>;

const TYPED: Columns = { row_key: "UUID", turn: "INTEGER", part: "INTEGER", n: "INTEGER" };

/**
 * The DuckDB type of a zod schema. The schema is the source: nothing in SQL is inferred from data.
 * Worked value: `z.string().nullable()` is `VARCHAR`, an unknown is `JSON`.
 */
function duckType(name: string, schema: z.core.$ZodType): string {
  const typed = TYPED[name];
  if (typed !== undefined) return typed;
  if (name.endsWith("_at")) return "TIMESTAMPTZ";
  const { def } = schema._zod;
  if (def.type === "default" || def.type === "nullable" || def.type === "optional")
    return duckType(name, (def as z.core.$ZodDefaultDef).innerType);
  if (def.type === "array") return `${duckType("", (def as z.core.$ZodArrayDef).element)}[]`;
  if (def.type === "object") return `STRUCT(${fieldList(columnsOf((def as z.core.$ZodObjectDef).shape))})`;
  if (def.type === "record") return "MAP(VARCHAR, INTEGER)";
  if (def.type === "boolean") return "BOOLEAN";
  if (def.type === "number") return isInteger(schema) ? "BIGINT" : "DOUBLE";
  if (def.type === "unknown") return "JSON";
  return "VARCHAR";
}

function isInteger(schema: z.core.$ZodType): boolean {
  const checks = schema._zod.def.checks ?? [];
  return checks.some((check) => (check._zod.def as { format?: string }).format === "safeint");
}

function columnsOf(shape: Readonly<Record<string, z.core.$ZodType>>): Columns {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, duckType(name, schema)]));
}

function fieldList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ");
}

/** Columns of `rows.parquet`, pinned. */
export const INTERACTION_COLUMNS = columnsOf(StoredInteraction.shape);
/** Columns of `feedback.parquet`, pinned. */
export const FEEDBACK_COLUMNS = columnsOf(StoredFeedback.shape);

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
