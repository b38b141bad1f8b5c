import { hash } from "node:crypto";

/**
 * Canonical JSON: keys sorted by code unit, no white space, numbers in JavaScript's shortest
 * round-trip form, `undefined` members left out. The same value gives the same bytes everywhere,
 * so its SHA-256 can be its name. Non-finite numbers are refused: JSON has no word for them.
 *
 * Worked value: `canonical({b: 1, a: [true, null]})` is `{"a":[true,null],"b":1}`.
 */
export function canonical(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError(`not a JSON number: ${value}`);
  if (value === null || value === undefined) return "null";
  if (typeof value !== "object") return JSON.stringify(value);
  return Array.isArray(value) ? list(value) : object(value as Readonly<Record<string, unknown>>);
}

// One text that grows: lists of members would be garbage for each of the rows.
function list(values: readonly unknown[]): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) text += `${i === 0 ? "" : ","}${canonical(values[i])}`;
  return `${text}]`;
}

function object(record: Readonly<Record<string, unknown>>): string {
  let text = "{";
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member !== undefined) text += `${text === "{" ? "" : ","}${nameOf(key)}${canonical(member)}`;
  }
  return `${text}}`;
}

/** Names of members as they are written, quotes and colon included: the same few come back in every row. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 1024;

function nameOf(key: string): string {
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  const name = `${JSON.stringify(key)}:`;
  if (NAMES.size < MOST_NAMES) NAMES.set(key, name);
  return name;
}

/** SHA-256 of bytes or UTF-8 text, 64 hex digits. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}

/** The id of a value: SHA-256 of its canonical JSON with a final newline, as a file of it would hash. */
export function digestOf(value: unknown): string {
  return sha256(`${canonical(value)}\n`);
}
