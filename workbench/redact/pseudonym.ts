import type { EntityKind } from "./detector.ts";
import { keyedDigest } from "./keyed-digest.ts";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * A stable stand-in for a value: its kind and 50 bits of HMAC-SHA256 under the workspace key, such
 * as `[EMAIL:k3fxqa7m2x]`. The same value under the same key is always the same token; without the
 * key nobody can test a guess. `scope` (a conversation's id) makes tokens of one scope strangers to
 * those of another.
 */
export function pseudonym(
  {
    kind,
    normal,
    scope = "",
  }: { readonly kind: EntityKind; readonly normal: string; readonly scope?: string },
  key: Uint8Array,
): string {
  const mac = keyedDigest(key, `${kind}\0${scope}\0${normal}`);
  // 50 bits: exact in a double.
  let bits = Number.parseInt(mac.slice(0, 12), 16) * 4 + (Number.parseInt(mac.charAt(12), 16) >> 2);
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = (BASE32[bits % 32] ?? "") + text;
    bits = Math.floor(bits / 32);
  }
  return `[${kind}:${text}]`;
}

const PSEUDONYM = /^\[[A-Z_]{2,12}:[a-z2-7]{10}\]$/;

/** A log repeats its people. What is known of a key goes with the key, and never leaves the process. */
const known = new WeakMap<Uint8Array, Map<string, string>>();
const MOST_KNOWN = 65_536;
const LONGEST_KNOWN = 100;

/** A user's pseudonym, whatever the value looks like; null stays null, a pseudonym stays itself. */
export function userKey(value: string | null, key: Uint8Array): string | null {
  if (value === null) return null;
  const users = usersOf(key);
  const before = users.get(value);
  if (before !== undefined) return before;
  const made = PSEUDONYM.test(value) ? value : pseudonym({ kind: "USER", normal: value.trim() }, key);
  if (value.length <= LONGEST_KNOWN) users.set(value, made);
  return made;
}

function usersOf(key: Uint8Array): Map<string, string> {
  const before = known.get(key);
  if (before && before.size < MOST_KNOWN) return before;
  const users = new Map<string, string>();
  known.set(key, users);
  return users;
}
