import type { Aside } from "../schema/aside.ts";
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
  for (const user of users) if (user.length <= text.length && text.includes(user)) return true;
  return false;
}

/** Whether text `n`, which is ASCII, holds a user's id. */
export function asideHoldsAny({ bytes, bounds }: Aside, n: number, users: readonly string[]): boolean {
  if (users.length === 0) return false;
  // Of the text alone: a search goes on to the end of what it is given.
  const text = bytes.subarray(bounds[2 * n], bounds[2 * n + 1]);
  for (const user of users) if (user.length <= text.length && text.includes(user)) return true;
  return false;
}
