import type { QuarantineReason } from "../schema/import.ts";

/** A JSON object as a record holds it. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export type Parsed =
  | { readonly kind: "record"; readonly value: JsonRecord }
  | { readonly kind: "refused"; readonly reason: QuarantineReason; readonly detail: string };

const refuse = (reason: QuarantineReason, detail: string): Parsed => ({ kind: "refused", reason, detail });

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// Only such numbers can lie beyond 2^53 or overflow; only such escapes can be half a character.
const BIG_NUMBER = /\d{16}|[eE][+-]?\d{3}/;
const SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * Reads one record: strict UTF-8, bounded depth, JSON, an object, whole characters, finite numbers.
 * Integers beyond 2^53 come back as their text. Never throws, whatever the bytes.
 */
export function parseRecord(bytes: Buffer, maxDepth: number): Parsed {
  let text: string;
  try {
    text = STRICT.decode(bytes);
  } catch {
    return refuse("utf8_invalid", "not UTF-8");
  }
  if (depthOf(text, maxDepth) > maxDepth) return refuse("too_deep", `more than ${maxDepth} levels`);
  let value: unknown;
  try {
    value = BIG_NUMBER.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch (error) {
    if (error instanceof NotFinite) return refuse("number_not_finite", "a number too large for JSON");
    return refuse(...syntaxFlaw(error as SyntaxError));
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return refuse(
      "not_an_object",
      value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`,
    );
  if (SURROGATE.test(text) && !isWellFormed(value))
    return refuse("string_malformed", "half a surrogate pair");
  return { kind: "record", value: value as JsonRecord };
}

class NotFinite extends Error {}

function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) {
    if (/^-?\d+$/.test(context?.source ?? "")) return context?.source;
    throw new NotFinite();
  }
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? context?.source
    : value;
}

/** What V8 says, without the piece of the record that it quotes. */
function syntaxFlaw(error: SyntaxError): [QuarantineReason, string] {
  const where = /position \d+/.exec(error.message)?.[0];
  if (/end of JSON|Unterminated/i.test(error.message)) return ["json_truncated", where ?? "ends too early"];
  return ["json_invalid", where ?? "not JSON"];
}

/**
 * The nesting depth of a JSON text, counting stops above `limit`. Strings are jumped over; malformed
 * text gives some number, and the parser refuses it later.
 */
export function depthOf(text: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      if (at === -1) return deepest;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) deepest = depth;
      if (deepest > limit) return deepest;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}

/** Position of the quote that closes the string opened at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (value === null || typeof value !== "object") return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member));
}
