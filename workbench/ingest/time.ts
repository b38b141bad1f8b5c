const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

// The form that most logs have, for days that every month of its kind has: nothing is left to work out.
const PLAIN =
  /^(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/;

/** A time in the store's one form, and how the source's form was changed on the way. */
export interface Instant {
  /** `2026-01-01T00:00:00.123456Z` */
  readonly text: string;
  readonly changed: "read as UTC" | "ns to µs" | null;
}

/**
 * Reads a time as logs write it: ISO 8601 with or without zone (without is read as UTC), or a number
 * since 1970 in s, ms, µs or ns, told apart by size. Null when it is none of these or not between
 * the years 0001 and 9999.
 *
 * Worked values: `instant("2026-01-01T02:00:00+02:00")` and `instant(1767225600)` are both
 * `2026-01-01T00:00:00.000000Z`.
 */
export function instant(value: unknown): Instant | null {
  if (typeof value === "number") return fromEpoch(value);
  if (typeof value !== "string") return null;
  if (PLAIN.test(value))
    return { text: `${value.slice(0, 19)}.${value.slice(20, -1).padEnd(6, "0")}Z`, changed: null };
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return fromEpochText(value);
  const match = ISO.exec(value.trim());
  if (!match) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const calendar = new Date(0);
  calendar.setUTCFullYear(y, mo - 1, d);
  if (y < 1 || calendar.getUTCMonth() !== mo - 1 || calendar.getUTCDate() !== d) return null;
  if (h > 23 || mi > 59 || s > 59) return null;
  const seconds = calendar.getTime() / 1000 + h * 3600 + mi * 60 + s - offsetSeconds(zone);
  const text = format(seconds, Number(fraction.slice(0, 6).padEnd(6, "0")));
  const changed = zone === undefined ? "read as UTC" : /[^0]/.test(fraction.slice(6)) ? "ns to µs" : null;
  return text === null ? null : { text, changed };
}

function offsetSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4) || 0) * 60;
  return zone.startsWith("-") ? -seconds : seconds;
}

function fromEpoch(value: number): Instant | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  // 1e11 s is the year 5138, 1e11 ms is 1973: nobody logs either by mistake for the other.
  const scale = value < 1e11 ? 1 : value < 1e14 ? 1e3 : value < 1e17 ? 1e6 : 1e9;
  const seconds = Math.floor(value / scale);
  const micros = Math.round((value / scale - seconds) * 1e6);
  const text = micros === 1e6 ? format(seconds + 1, 0) : format(seconds, micros);
  return text === null ? null : { text, changed: scale === 1e9 ? "ns to µs" : null };
}

/** 64-bit integers arrive as text: split them by digits, not by a double. */
function fromEpochText(value: string): Instant | null {
  if (value.includes(".") || value.length < 16) return fromEpoch(Number(value));
  const unit = value.length < 18 ? 6 : 9;
  const text = format(Number(value.slice(0, -unit)), Number(value.slice(-unit).slice(0, 6)));
  if (text === null) return null;
  return { text, changed: unit === 9 && !value.endsWith("000") ? "ns to µs" : null };
}

function format(seconds: number, micros: number): string | null {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) return null;
  return `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

/** Milliseconds between two times of the store's form. */
export function millisecondsBetween(start: string, end: string): number {
  const micros = (text: string): number => Number(text.slice(20, 26));
  const whole = Date.parse(`${end.slice(0, 19)}Z`) - Date.parse(`${start.slice(0, 19)}Z`);
  return whole + (micros(end) - micros(start)) / 1000;
}
