import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import type { Columns } from "../../catalog/columns.ts";
import type { Needles } from "./needles.ts";

/** All texts of a stored row in one, as SQL: its JSON takes twice as long, since most of it is names of empty columns. */
export function textsOf(columns: Columns): string {
  const texts = Object.entries(columns)
    .filter(([name, type]) => /VARCHAR|JSON/.test(type) && !type.startsWith("MAP") && !OURS.has(name))
    .map(([name, type]) => {
      if (type === "VARCHAR" || type === "JSON") return `"${name}"`;
      const isThere = type.endsWith("[]") ? `len("${name}") > 0` : `"${name}" is not null`;
      return `case when ${isThere} then to_json("${name}")::varchar end`;
    });
  return `concat_ws(chr(10), ${texts.join(", ")})`;
}

/** Texts that no log has written. */
const OURS: ReadonlySet<string> = new Set(["import_id", "row_key"]);

/** Names of columns and fields that hold JSON: what is below them came from a log, keys and numbers too. */
const JSON_FIELDS = jsonFields(INTERACTION_COLUMNS, FEEDBACK_COLUMNS);

function jsonFields(...tables: readonly Columns[]): ReadonlySet<string> {
  const columns = tables.flatMap((table) => Object.entries(table));
  const whole = columns.filter(([, type]) => type === "JSON").map(([name]) => name);
  const nested = columns.flatMap(([, type]) => [...type.matchAll(/"(\w+)" JSON/g)].map(([, name = ""]) => name));
  return new Set([...whole, ...nested]);
} // prettier-ignore

/**
 * The JSON of a stored row without the needles: in texts, and in all that a log's JSON holds. Names of columns,
 * measures and times stay: a person may be called `tool_calls`, or 250. Digits are kept as they were written.
 */
export function rowWithout(json: string, needles: Needles): string {
  if (!needles.isIn(Buffer.from(json))) return json;
  const row = JSON.parse(json, keepDigits) as Record<string, unknown>;
  const kept = Object.entries(row).map(([name, value]) => [name, OURS.has(name) ? value : typed(value, name)]);
  return JSON.stringify(Object.fromEntries(kept));

  function typed(value: unknown, name: string): unknown {
    if (JSON_FIELDS.has(name)) return open(value);
    if (typeof value === "string") return name.endsWith("_at") ? value : needles.without(value);
    if (Array.isArray(value)) return value.map((one) => typed(one, name));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typed(one, key)]));
  }

  function open(value: unknown): unknown {
    if (typeof value === "string") return needles.without(value);
    if (Array.isArray(value)) return value.map(open);
    if (isRaw(value)) return needles.isIn(Buffer.from(value.rawJSON)) ? "[erased]" : value;
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [needles.without(key), open(one)]));
  }
} // prettier-ignore

/** A number as its digits; see the proposal "JSON.parse source text access", which Node has and the types lack. */
interface RawNumber {
  readonly rawJSON: string;
}

const sourceText = JSON as unknown as {
  readonly rawJSON: (text: string) => RawNumber;
  readonly isRawJSON: (value: unknown) => boolean;
};

const isRaw = (value: unknown): value is RawNumber => sourceText.isRawJSON(value);

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !isRaw(value);

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined ? sourceText.rawJSON(context.source) : value;
} // prettier-ignore
