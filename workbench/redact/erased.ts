import { keyedDigest } from "./keyed-digest.ts";

/** Names a person in a tombstone without telling who: not even the pseudonym can be read from it. */
export function erasureId(userKey: string, key: Uint8Array): string {
  return keyedDigest(key, `erased\0${userKey}`).slice(0, 32);
}

/** Whether a row belongs to somebody who was erased, by the person or by the record. */
export type IsErased = (row: { readonly userKey: string | null; readonly rowKey: string }) => boolean;

/** A person who was erased, and the rows that went with them. */
export interface Stone {
  readonly id: string;
  readonly rowKeys: readonly string[];
}

/** Null when nobody was erased: most projects pay nothing. */
export function erasedBy(stones: readonly Stone[], key: Uint8Array): IsErased | null {
  if (stones.length === 0) return null;
  const ids = new Set(stones.map(({ id }) => id));
  const rows = new Set(stones.flatMap(({ rowKeys }) => rowKeys));
  const known = new Map<string, boolean>();
  const isPerson = (userKey: string): boolean => {
    const before = known.get(userKey);
    if (before !== undefined) return before;
    const erased = ids.has(erasureId(userKey, key));
    if (known.size < 100_000) known.set(userKey, erased);
    return erased;
  };
  return ({ userKey, rowKey }) => rows.has(rowKey) || (userKey !== null && isPerson(userKey));
}
