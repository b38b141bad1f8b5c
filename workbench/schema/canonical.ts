import { createHash } from "node:crypto";

/**
 * Canonical JSON: keys sorted by code unit, no white space, numbers in JavaScript's shortest
 * round-trip form, `undefined` members left out. The same value gives the same bytes everywhere,
 * so its SHA-256 can be its name. Non-finite numbers are refused: JSON has no word for them.
 *
 * Worked value: `canonical({b: 1, a: [true, null]})` is `{"a":[true,null],"b":1}`.
 */
export function canonical(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError(`not a JSON number: ${value}`);
  if (value === null || value === undefined) return "null";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const record = value as Record<string, unknown>;
  // One text that grows: lists of members would be garbage for each of the rows.
  let text = "{";
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member === undefined) continue;
    text += `${text === "{" ? "" : ","}${JSON.stringify(key)}:${canonical(member)}`;
  }
  return `${text}}`;
}

/** SHA-256 of bytes or UTF-8 text, 64 hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The id of a value: SHA-256 of its canonical JSON with a final newline, as a file of it would hash. */
export function digestOf(value: unknown): string {
  return sha256(`${canonical(value)}\n`);
}
