import fc from "fast-check";
import { expect, test } from "vitest";
import type { Aside } from "./aside.ts";
import { standInOf } from "./aside.ts";
import { withTexts } from "./with-texts.ts";

/** The texts one after the other, as whoever sets them aside leaves them. */
function asideOf(texts: readonly string[]): Aside {
  const encoded = texts.map((text) => Buffer.from(text));
  const bounds: number[] = [];
  let at = 0;
  for (const bytes of encoded) bounds.push(at, (at += bytes.length));
  return {
    count: texts.length,
    bytes: Buffer.concat(encoded),
    bounds: Int32Array.from(bounds),
    ascii: Uint8Array.from(texts, (text, n) => Number(encoded[n]?.length === text.length)),
    seen: new Uint8Array(texts.length),
  };
}

/** The value with each string that is `texts[n]` replaced by its stand-in. */
function stoodIn(value: unknown, texts: readonly string[]): unknown {
  if (typeof value === "string") return texts.includes(value) ? standInOf(texts.indexOf(value)) : value;
  if (Array.isArray(value)) return value.map((one) => stoodIn(one, texts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [stoodIn(key, texts), stoodIn(one, texts)]),
  );
}

const texts = fc.constantFrom('a "b"\\', "line\nline", "é\u{1f600}", "", '\u007f0"', "[1, 2]");
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.string(),
    fc.integer(),
    fc.constant(null),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(texts, fc.string()), tie("value"), { maxKeys: 4, noNullPrototype: true }),
})).value;

test("what stands in for a text in a JSON gives way to the text, and nothing else changes", () => {
  fc.assert(
    fc.property(json, fc.uniqueArray(texts), (value, aside) => {
      // A record that has the mark in a text of its own has nothing set aside.
      fc.pre(
        !JSON.stringify(stoodIn(value, aside))
          .replaceAll(/"\u007f\d"/g, "")
          .includes("\u007f"),
      );
      expect(withTexts(JSON.stringify(stoodIn(value, aside)), asideOf(aside))).toBe(JSON.stringify(value));
    }),
  );
});

test("a stand-in within a longer string is left as it is", () => {
  const aside = asideOf(["long"]);
  for (const text of [
    "\u007f0 and more",
    "before \u007f0",
    '"\u007f0"',
    "\u007f1",
    "\u007f",
    "\u007f00000000",
  ])
    expect(withTexts(JSON.stringify({ text }), aside)).toBe(JSON.stringify({ text }));
  expect(withTexts('{"x":["\u007f0"]}', asideOf(['a "b"']))).toBe('{"x":["a \\"b\\""]}');
});
