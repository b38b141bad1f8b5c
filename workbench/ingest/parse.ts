import type { QuarantineReason } from "../schema/import.ts";

/** A JSON object as a record holds it. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export type Parsed =
  | { readonly kind: "record"; readonly value: JsonRecord }
  | { readonly kind: "refused"; readonly reason: QuarantineReason; readonly detail: string };

const refuse = (reason: QuarantineReason, detail: string): Parsed => ({ kind: "refused", reason, detail });

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const EXPONENT = /^[eE][+-]?\d{3}/;
// Only such escapes can be half a character.
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
  const { depth, hasBigNumber } = glance(text, maxDepth);
  if (depth > maxDepth) return refuse("too_deep", `more than ${maxDepth} levels`);
  let value: unknown;
  try {
    value = hasBigNumber ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch (error) {
    if (error instanceof NotFinite) return refuse("number_not_finite", "a number too large for JSON");
    return refuse(...syntaxFlaw(error as SyntaxError));
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return refuse(
      "not_an_object",
      value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`,
    );
  if (text.includes("\\u") && SURROGATE.test(text) && !isWellFormed(value))
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

/** What a look at a JSON text tells before it is parsed. */
interface Glance {
  /** Levels of nesting; counting stops above the limit. */
  readonly depth: number;
  /** Whether a number may lie beyond 2^53 or overflow: 16 digits in a row, or an exponent of three. */
  readonly hasBigNumber: boolean;
}

/**
 * One look over a JSON text, jumping over strings. Malformed text gives something, and the parser
 * refuses it later.
 */
export function glance(text: string, limit: number): Glance {
  let [depth, deepest, digits, hasBigNumber] = [0, 0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      if (++digits >= 16) hasBigNumber = true;
      continue;
    }
    if (code === 0x22) {
      at = endOfString(text, at);
      if (at === -1) break;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest && (deepest = depth) > limit) break;
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (digits > 0 && (code === 0x65 || code === 0x45) && EXPONENT.test(text.slice(at, at + 5)))
      hasBigNumber = true;
    digits = 0;
  }
  return { depth: deepest, hasBigNumber };
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
