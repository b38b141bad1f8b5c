/**
 * Long texts of one record, set aside before it was parsed. In the record each has a stand-in in its
 * place, a mark and its number, so that what only moves a text from member to member costs nothing by
 * its length. Whoever looks into a text asks here for what it says.
 */
export interface Aside {
  readonly count: number;
  /** All texts one after the other, in clean UTF-8: escapes are gone. Valid until the next record. */
  readonly bytes: Buffer;
  /** Where text `n` begins and ends in `bytes`: at 2n and 2n + 1. */
  readonly bounds: Int32Array;
  /** Whether text `n` is ASCII: 1 or 0. */
  readonly ascii: Uint8Array;
  /** 1 for a text that whoever went over the finished rows came by. Written by them. */
  readonly seen: Uint8Array;
}

/** The first character of a stand-in; DEL, which JSON allows and no text holds: a record that has one is read whole. */
export const ASIDE_MARK = "\x7f";
const MARK = 0x7f;
const LONGEST = 8;

export const standInOf = (n: number): string => `${ASIDE_MARK}${n}`;

/** The number of the text that `text` stands for, or -1 when it is a text of its own. */
export function asideNumber(text: string): number {
  if (text.charCodeAt(0) !== MARK || text.length > LONGEST || text.length < 2) return -1;
  let n = 0;
  for (let at = 1; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    n = n * 10 + digit;
  }
  return n;
}

/** What stands for text `n` says. */
export function asideText({ bytes, bounds, ascii }: Aside, n: number): string {
  const [from, to] = [bounds[2 * n] as number, bounds[2 * n + 1] as number];
  return bytes.toString(ascii[n] === 1 ? "latin1" : "utf8", from, to);
}

/** A text as it is, or what it says when it is a stand-in: for what is looked into, compared or hashed. */
export function wholeText<T extends string | null>(text: T, aside: Aside | null): T | string {
  if (text === null || aside === null) return text;
  const n = asideNumber(text);
  return n >= 0 && n < aside.count ? asideText(aside, n) : text;
}
