import type { EntityKind } from "./detector.ts";
import { keyedDigest } from "./keyed-digest.ts";

/**
 * A stand-in that reads like the real thing and can reach nobody: domains and numbers that standards
 * keep for documentation (RFC 2606, 3849, 5737, 7042; the North American 555-01XX). Null for kinds that
 * have no such range: they become tokens. The same value gives the same surrogate; of telephones there are
 * 100 and of IPv4 addresses 254, so there two values may share one.
 */
export function surrogate(
  { kind, normal, scope }: { readonly kind: EntityKind; readonly normal: string; readonly scope: string },
  key: Uint8Array,
): string | null {
  const digest = keyedDigest(key, `surrogate\0${kind}\0${scope}\0${normal}`);
  const number = Number.parseInt(digest.slice(0, 12), 16);
  switch (kind) {
    case "EMAIL":
      return `user-${base32(number)}@example.com`;
    case "PHONE":
      return `+1-202-555-01${String(number % 100).padStart(2, "0")}`;
    case "IP":
      return normal.includes(":")
        ? `2001:db8::${digest.slice(0, 4)}:${digest.slice(4, 8)}:${digest.slice(8, 12)}`
        : `192.0.2.${1 + (number % 254)}`;
    case "MAC":
      return `00:00:5e:00:53:${digest.slice(0, 2)}`;
    default:
      return null;
  }
}

/** Surrogates in a text: they are nobody's, and stay when a text is redacted again. */
export const SURROGATES =
  /(?<![\w.-])user-[a-z2-7]{10}@example\.com(?![\w-])|\+1-202-555-01\d\d(?!\d)|(?<![\d.])192\.0\.2\.\d{1,3}(?![\d.])|(?<![\w:])2001:db8::[\da-f]{4}:[\da-f]{4}:[\da-f]{4}(?![\w:])|(?<![\w:])00:00:5e:00:53:[\da-f]{2}(?![\w:])/g;

function base32(number: number): string {
  let [rest, text] = [number, ""];
  for (let digit = 0; digit < 10; digit++) {
    text += "abcdefghijklmnopqrstuvwxyz234567"[rest % 32] ?? "";
    rest = Math.floor(rest / 32);
  }
  return text;
}
