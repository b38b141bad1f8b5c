// C0 and C1 controls, and the bidi controls that reorder what a reader sees.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text as a terminal may show it: every control character that could move the cursor, recolour or
 * reorder is written out as `\u001b`. Tabs and newlines stay.
 *
 * Worked value: `printable("a\u001b[31mb")` is `"a\\u001b[31mb"`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A value quoted for an error message: JSON, printable, at most `limit` characters. */
export function quoted(value: unknown, limit = 80): string {
  const text = printable(jsonText(value));
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** JSON.stringify's type forgets that it gives undefined for undefined and functions. */
function jsonText(value: unknown): string {
  const text: unknown = JSON.stringify(value);
  return typeof text === "string" ? text : String(value);
}
