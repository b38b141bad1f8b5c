import { claimsOver } from "./claims.ts";
import type { Entity } from "./find.ts";

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

/** -1 when there is none; a pattern takes as long as the search that it saves. */
function firstDigitOf(id: string): number {
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code >= 48 && code <= 57) return at;
  }
  return -1;
}
