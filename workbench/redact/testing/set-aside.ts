import type { Aside } from "../../schema/aside.ts";
import { ASIDE_MARK, asideNumber, asideText, standInOf } from "../../schema/aside.ts";

/** A JSON value with a stand-in for each of its texts of `least` bytes and more, and these texts. */
export function setAside(
  value: unknown,
  least: number,
): { readonly value: unknown; readonly aside: Aside & { readonly seen: Uint8Array } } {
  const texts: string[] = [];
  const short = withTexts(value, (text) => {
    if (Buffer.byteLength(text) < least || !text.isWellFormed() || text.includes(ASIDE_MARK)) return text;
    return standInOf(texts.push(text) - 1);
  });
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const ends = lengths.map((_, n) => lengths.slice(0, n + 1).reduce((sum, length) => sum + length, 0));
  const aside = {
    count: texts.length,
    // Something stands behind the last text, as it does in memory that is used again.
    bytes: Buffer.from(`${texts.join("")}9@ex.org`),
    bounds: Int32Array.from(ends.flatMap((end, n) => [end - (lengths[n] ?? 0), end])),
    ascii: Uint8Array.from(texts, (text) => (/^[\0-\x7f]*$/.test(text) ? 1 : 0)),
    seen: new Uint8Array(texts.length),
  };
  return { value: short, aside };
}

/** The value with its texts in place of their stand-ins. */
export function withoutStandIns(value: unknown, aside: Aside): unknown {
  return withTexts(value, (text) => {
    const n = asideNumber(text);
    return n < 0 ? text : asideText(aside, n);
  });
}

function withTexts(value: unknown, put: (text: string) => string): unknown {
  if (typeof value === "string") return put(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, put));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, put)]));
}
