import type { JsonRecord } from "../parse.ts";
import { isRecord, listOf, numberOf, recordOf } from "./format.ts";

/**
 * A value of OTLP's JSON encoding (`stringValue`, `intValue` as text, `kvlistValue`, …) as JSON.
 * A 64-bit integer that a number cannot hold exactly stays text.
 */
export function otlpValue(value: unknown): unknown {
  const record = recordOf(value);
  if ("stringValue" in record) return record["stringValue"];
  if ("boolValue" in record) return record["boolValue"];
  if ("intValue" in record) {
    const number = numberOf(record["intValue"]);
    return Number.isSafeInteger(number) ? number : record["intValue"];
  }
  if ("doubleValue" in record) return record["doubleValue"];
  if ("bytesValue" in record) return record["bytesValue"];
  if ("arrayValue" in record) return listOf(recordOf(record["arrayValue"])["values"]).map(otlpValue);
  if ("kvlistValue" in record) return otlpAttributes(recordOf(record["kvlistValue"])["values"]);
  return null;
}

/** A list of `{key, value}` as an object without a prototype: keys are input. */
export function otlpAttributes(value: unknown): JsonRecord {
  const into = Object.create(null) as Record<string, unknown>;
  for (const pair of listOf(value)) {
    const { key, value: held } = recordOf(pair);
    if (typeof key === "string") into[key] = otlpValue(held);
  }
  return into;
}

/** Attributes as OTLP writes them, or as an object when an exporter has already flattened them. */
export function attributesOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : otlpAttributes(value);
}
