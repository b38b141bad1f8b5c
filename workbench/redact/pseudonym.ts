import { createHmac } from "node:crypto";
import type { EntityKind } from "./detector.ts";

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
  const mac = createHmac("sha256", key).update(`${kind}\0${scope}\0${normal}`).digest();
  let bits = mac.readUIntBE(0, 6) * 4 + ((mac[6] ?? 0) >> 6); // 50 bits: exact in a double
  let text = "";
  for (let i = 0; i < 10; i++) {
    text = (BASE32[bits % 32] ?? "") + text;
    bits = Math.floor(bits / 32);
  }
  return `[${kind}:${text}]`;
}

const PSEUDONYM = /^\[[A-Z_]{2,12}:[a-z2-7]{10}\]$/;

/** A user's pseudonym, whatever the value looks like; null stays null, a pseudonym stays itself. */
export function userKey(value: string | null, key: Uint8Array): string | null {
  if (value === null || PSEUDONYM.test(value)) return value;
  return pseudonym({ kind: "USER", normal: value.trim() }, key);
}
