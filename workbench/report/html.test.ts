import fc from "fast-check";
import { expect, test } from "vitest";
import { escape, html, page } from "./html.ts";

test("only letters, digits and harmless punctuation pass as they are", () => {
  expect(escape("a<b>${x}`_*\"'&#\\|")).toMatch(/^a&#60;b&#62;&#36;&#123;x&#125;(&#\d+;)+$/);
  expect(escape("é 日本 −5 %, (ok): 3.5/7")).toBe("é 日本 &#8722;5 %, (ok): 3.5/7");
});

test("controls and bidi marks are written out, not obeyed", () => {
  expect(escape("a\u202eb\nc\u0000")).toBe("aU&#43;202EbU&#43;000AcU&#43;0000".replaceAll("&#43;", "+"));
});

test("whatever the text, nothing of it can open a tag, an attribute, a hole or a line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(escape(text)).toMatch(/^(?:[\p{L}\p{N} .,:;()%+/-]|&#\d+;)*$/u);
    }),
    { numRuns: 2000 },
  );
});

test("a hole that is markup already is not escaped twice, and lists are joined", () => {
  const cell = html`<td>${"<x>"}</td>`;
  expect(html`<tr>${[cell, cell]}</tr>`.text).toBe("<tr><td>&#60;x&#62;</td><td>&#60;x&#62;</td></tr>");
});

test("a title cannot break out of the front matter", () => {
  const text = page('x"\n---\n# hacked ${1}', [html`<p>y</p>`]);
  expect(text.split("\n").filter((line) => line === "---")).toHaveLength(2);
  expect(text.split("\n")[1]).toBe('title: "x ---  hacked 1"');
  expect(text).not.toContain("${");
});
