import type { Aside } from "../schema/aside.ts";
import { claimsOver } from "./claims.ts";
import type { Entity } from "./find.ts";
import { TRIGGERS } from "./triggers.ts";

/** "1" or "guest" as a user id is also a word of the text; four characters with a digit or sign are not. */
export function isTelling(user: string): boolean {
  return user.length >= 4 && /[\d@_.:-]/.test(user);
}

/** Adds the places where a user's id stands as a whole word, unless an entity has them already. */
export function withUsers(
  text: string,
  entities: readonly Entity[],
  users: readonly string[],
): readonly Entity[] {
  if (!holdsAny(text, users)) return entities;
  const found: Entity[] = [];
  const claims = claimsOver(text.length);
  for (const entity of entities) claims.take(entity);
  for (const value of users)
    for (let start = text.indexOf(value); start !== -1; start = text.indexOf(value, start + value.length)) {
      const end = start + value.length;
      const inWord = /[\p{L}\p{N}_]/u.test(text[start - 1] ?? "") || /[\p{L}\p{N}_]/u.test(text[end] ?? "");
      if (inWord || !claims.take({ start, end })) continue;
      found.push({ kind: "USER", start, end, value, normal: value });
    }
  return found.length === 0 ? entities : [...entities, ...found].sort((a, b) => a.start - b.start);
}

function holdsAny(text: string, users: readonly string[]): boolean {
  for (const user of users) {
    if (user.length > text.length) continue;
    // Digits are rarer than letters: what begins with one is searched faster.
    const digit = text.length > SHORT ? firstDigitOf(user) : 0;
    if (digit > 0 && !text.includes(user.slice(digit))) continue;
    if (text.includes(user)) return true;
  }
  return false;
}
const SHORT = 64;

/** Whether text `n`, which is ASCII and was read last, holds a user's id as a word of its own; sometimes true where it is none. */
export function asideHoldsAny({ bytes, bounds }: Aside, n: number, users: readonly string[]): boolean {
  if (users.length === 0) return false;
  const [from, to] = [bounds[2 * n] as number, bounds[2 * n + 1] as number];
  for (const user of users) {
    const digit = firstDigitOf(user);
    if (digit === -1 ? bytes.subarray(from, to).includes(user) : isAtDigits(user, digit, { bytes, from, to }))
      return true;
  }
  return false;
}

function firstDigitOf(user: string): number {
  for (let at = 0; at < user.length; at++) if (isDigit(user.charCodeAt(at))) return at;
  return -1;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** The first digit of an id that is a word of its own begins a number of the text: most texts have few. */
function isAtDigits(
  user: string,
  digit: number,
  { bytes, from, to }: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
): boolean {
  const { numbers, length } = TRIGGERS.digits;
  for (let n = 0; n < length; n += 3) {
    const start = from + (numbers[n] as number) - digit;
    if (start >= from && start + user.length <= to && standsAt(bytes, start, user)) return true;
  }
  return false;
}

function standsAt(bytes: Uint8Array, start: number, user: string): boolean {
  for (let at = 0; at < user.length; at++) if (bytes[start + at] !== user.charCodeAt(at)) return false;
  return true;
}
