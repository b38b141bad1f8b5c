import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EXIT_OF } from "./codes.ts";
import { WorkbenchError } from "./error.ts";
import { printable, quoted } from "./printable.ts";
import { asWorkbenchError, renderError, reportError } from "./render.ts";

const DOCS = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");

test("every code has its place in the documentation, with its exit code, and none is left over", () => {
  const sections = new Map(
    DOCS.split(/^### /m)
      .slice(1)
      .map((text) => [text.split("\n", 1)[0] ?? "", text]),
  );
  expect([...sections.keys()].sort()).toEqual(Object.keys(EXIT_OF).sort());
  for (const [code, exit] of Object.entries(EXIT_OF))
    expect(sections.get(code), code).toContain(`Exit ${exit}.`);
});

test("an error renders its four parts and links to the documentation", () => {
  const error = new WorkbenchError({
    code: "WB_RECIPE_INVALID",
    where: "recipes/sft-small.yaml:14",
    what: 'optim.lr must be a positive number, got "3e-4 " (text)',
    why: "the quotes make YAML read it as text",
    fix: "lr: 3e-4",
  });
  expect(renderError(error))
    .toBe(`error: recipes/sft-small.yaml:14  optim.lr must be a positive number, got "3e-4 " (text)
  why  the quotes make YAML read it as text
  fix  lr: 3e-4
  WB_RECIPE_INVALID · docs/errors.md#wb_recipe_invalid`);
  expect(reportError(error).error).toMatchObject({ code: "WB_RECIPE_INVALID", exit: 2, fix: "lr: 3e-4" });
});

test("the first word is painted, and nothing in the text can paint", () => {
  const error = new WorkbenchError({ code: "WB_BUG", what: "a \u001b[32mgreen\u009b2J text" });
  const text = renderError(error, (word) => `\u001b[31m${word}\u001b[0m`);
  expect(text).toContain("\u001b[31merror:\u001b[0m a \\u001b[32mgreen\\u009b2J text");
});

test.each([
  [{ code: "ENOENT", path: "/x", message: "m" }, "WB_FILE_MISSING", 2],
  [{ code: "ENOSPC", message: "m" }, "WB_DISK_FULL", 5],
  [{ code: "EDQUOT", message: "m" }, "WB_DISK_FULL", 5],
  [{ code: "ENOTDIR", path: "/x/y", message: "m" }, "WB_FILE_MISSING", 2],
  [new TypeError("x is not a function"), "WB_BUG", 1],
  ["a string", "WB_BUG", 1],
])("%o becomes %s", (thrown, code, exit) => {
  expect(asWorkbenchError(thrown)).toMatchObject({ code, exitCode: exit });
});

test("no text from data can move a terminal's cursor or reorder a line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const char of printable(text) + quoted(text)) {
        const code = char.codePointAt(0) ?? 0;
        expect(code >= 0x20 || code === 9 || code === 10).toBe(true);
        expect(code >= 0x7f && code <= 0x9f).toBe(false);
        expect(code >= 0x202a && code <= 0x202e).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});
