/**
 * What a column holds, and what a value of it is in JavaScript. Null and undefined are NULL in all of them.
 *
 * - `text`: a string; `json`: any value, stored as its JSON; `uuid`: 32 hexadecimal digits with hyphens.
 * - `int32`, `int64`: a whole number, of `int64` a safe one; `double`: a finite number; `boolean`.
 * - `time`: ISO text in UTC, `2026-01-01T00:00:00.123456Z`, stored in microseconds.
 * - `list`, `struct`: of these; `counts`: an object of whole numbers, a MAP(VARCHAR, INTEGER).
 */
export type ColumnType =
  | "text"
  | "json"
  | "uuid"
  | "int32"
  | "int64"
  | "double"
  | "boolean"
  | "time"
  | { readonly list: ColumnType }
  | { readonly struct: Readonly<Record<string, ColumnType>> }
  | { readonly counts: true };

/** Column name → what it holds, in order. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>;
