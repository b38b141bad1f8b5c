import { createHash, hash } from "node:crypto";

const BLOCK = 64;
const pads = new WeakMap<Uint8Array, { readonly inner: Buffer; readonly outer: Buffer }>();
// One piece of memory for the short messages, which nearly all are; nothing is kept in it between calls.
const SHORT = 1 << 16;
const scratch = Buffer.allocUnsafe(BLOCK + SHORT);

/**
 * HMAC-SHA256 (RFC 2104) in hex. Written out over the one-shot hash because a million `createHmac`
 * calls spend four times as long on preparing the key as on the digest; a test holds it to Node's.
 */
export function keyedDigest(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): string {
  const { inner } = padsOf(key);
  let end = BLOCK;
  for (const part of parts) {
    // A character is at most three bytes.
    if (end + part.length * 3 > scratch.length) return longDigest(key, parts);
    if (typeof part === "string") end += scratch.write(part, end);
    else {
      scratch.set(part, end);
      end += part.length;
    }
  }
  scratch.set(inner);
  return finished(key, hash("sha256", scratch.subarray(0, end), "buffer"));
}

function longDigest(key: Uint8Array, parts: readonly (string | Uint8Array)[]): string {
  const digest = createHash("sha256").update(padsOf(key).inner);
  for (const part of parts) digest.update(part);
  return finished(key, digest.digest());
}

/**
 * HMACs of messages that all begin with `bytes`, which are hashed once: a record of a thousand rows
 * costs no thousand times its length.
 */
export function keyedDigestsOf(key: Uint8Array, bytes: Uint8Array): (suffix: string) => string {
  let first = true;
  let begun: ReturnType<typeof createHash> | null = null;
  return (suffix) => {
    // Nearly every record has one row, for which the one-shot hash is cheaper.
    if (first) {
      first = false;
      return keyedDigest(key, bytes, suffix);
    }
    begun ??= createHash("sha256").update(padsOf(key).inner).update(bytes);
    return finished(key, begun.copy().update(suffix).digest());
  };
}

function finished(key: Uint8Array, innerDigest: Buffer): string {
  scratch.set(padsOf(key).outer);
  scratch.set(innerDigest, BLOCK);
  return hash("sha256", scratch.subarray(0, BLOCK + innerDigest.length), "hex");
}

function padsOf(key: Uint8Array): { readonly inner: Buffer; readonly outer: Buffer } {
  const known = pads.get(key);
  if (known) return known;
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? createHash("sha256").update(key).digest() : key);
  const made = { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) } as {
    inner: Buffer;
    outer: Buffer;
  };
  pads.set(key, made);
  return made;
}
