import type { Aside } from "../schema/aside.ts";
import { TRIGGERS } from "./trigger-places.ts";

/**
 * Whether one of the ids may stand in text `n` as a word of its own. With `isRead` the text is ASCII,
 * and the one whose triggers were found last: then only its numbers are looked at.
 */
export function mayHoldId(
  { bytes, bounds }: Aside,
  n: number,
  { ids, isRead }: { readonly ids: readonly string[]; readonly isRead: boolean },
): boolean {
  if (ids.length === 0) return false;
  const [from, to] = [bounds[2 * n] as number, bounds[2 * n + 1] as number];
  for (const id of ids) {
    const digit = isRead ? firstDigitOf(id) : -1;
    if (digit >= 0 ? isAtNumber(id, digit, { bytes, from, to }) : isIn(id, bytes.subarray(from, to)))
      return true;
  }
  return false;
}

// Of the text alone: a search goes on to the end of what it is given. Half a character is in no bytes.
const isIn = (id: string, text: Buffer): boolean =>
  id.length <= text.length && (text.includes(id) || !id.isWellFormed());

/** The first digit of an id that is a word of its own begins a number of the text, and a text has few. */
function isAtNumber(
  id: string,
  digit: number,
  { bytes, from, to }: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
): boolean {
  const { numbers, length } = TRIGGERS.digits;
  for (let n = 0; n < length; n += 3) {
    const start = from + (numbers[n] as number) - digit;
    if (start >= from && start + id.length <= to && standsAt(bytes, start, id)) return true;
  }
  return false;
}

function standsAt(bytes: Uint8Array, start: number, id: string): boolean {
  for (let at = 0; at < id.length; at++) if (bytes[start + at] !== id.charCodeAt(at)) return false;
  return true;
}

/** -1 when there is none; a pattern takes as long as the search that it saves. */
export function firstDigitOf(id: string): number {
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code >= 48 && code <= 57) return at;
  }
  return -1;
}
