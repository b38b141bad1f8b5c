const DAY_S = 86_400;
const LENGTH = "2026-01-01T00:00:00.123456Z".length;

/** A time since 1970 in two parts, as together they are no exact number before 1684 and after 2255. */
export interface Instant {
  seconds: number;
  micros: number;
}

/**
 * Reads `2026-01-01T00:00:00.123456Z`, years 0001 to 9999, into `into`; false when it is not of that form.
 * Days from the calendar: H. Hinnant, chrono-compatible low-level date algorithms, days_from_civil.
 * Worked value: `2000-03-01T00:00:01.000002Z` is 951 868 801 s and 2 µs.
 */
export function readInstant(text: string, into: Instant): boolean {
  if (text.length !== LENGTH || !hasForm(text)) return false;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  into.micros = digits(text, 20, 6);
  into.seconds = daysSince1970(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
  const isDay = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  return isDay && hour < 24 && minute < 60 && second < 60 && into.micros >= 0;
}

const [HYPHEN, COLON, POINT, T, Z] = [0x2d, 0x3a, 0x2e, 0x54, 0x5a];

function hasForm(text: string): boolean {
  return (
    text.charCodeAt(4) === HYPHEN &&
    text.charCodeAt(7) === HYPHEN &&
    text.charCodeAt(10) === T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(19) === POINT &&
    text.charCodeAt(26) === Z
  );
}

/** NaN when one is no digit, which no later comparison lets through. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] as number);
}

function daysSince1970(year: number, month: number, day: number): number {
  // Years begin in March, so that a leap day is the last one.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}
