import type { JsonRecord } from "../parse.ts";
import { isRecord, recordOf } from "./format.ts";

const MAX_INDEX = 10_000;

/** Attributes by their dotted names, also where they came as a tree. Texts of JSON and lists of plain values stay. */
export function flattened(attributes: JsonRecord, prefix = ""): JsonRecord {
  const flat = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(attributes)) {
    const isTree = isRecord(value) || (Array.isArray(value) && value.some(isRecord));
    if (isTree && `${prefix}${name}` !== "metadata")
      Object.assign(flat, flattened(value as JsonRecord, `${prefix}${name}.`));
    else flat[`${prefix}${name}`] = value;
  }
  return flat;
}

/** `llm.a.0.b` and its like as a tree; keys are input, so the tree has no prototype and lists are capped. */
export function nested(flat: JsonRecord, prefix: string): unknown {
  const root = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(flat)) {
    if (!name.startsWith(prefix)) continue;
    const steps = name.slice(prefix.length).split(".");
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = at[step];
      at = isRecord(next) ? next : (at[step] = Object.create(null) as Record<string, unknown>);
    }
    at[steps.at(-1) ?? ""] = value;
  }
  return root;
}

/** `{0: …, 1: …}` as a list. */
export function indexed(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value)) return value.map(recordOf);
  return Object.entries(recordOf(value))
    .filter(([index]) => /^\d+$/.test(index) && Number(index) < MAX_INDEX)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => recordOf(item));
}
