import fc from "fast-check";
import { expect, test } from "vitest";
import { cellsOf, cutTo, terminalTable } from "./terminal-table.ts";

test("texts take the cells that a terminal gives them", () => {
  expect(cellsOf("plain")).toBe(5);
  expect(cellsOf("a日👍é")).toBe(6);
  expect(cellsOf("👩‍👩‍👧‍👦家")).toBe(4);
  expect(cellsOf("e\u0301")).toBe(1);
  expect(cellsOf("\u200b")).toBe(0);
  expect(cutTo("日本語", 5)).toBe("日本…");
  expect(cutTo("日本語", 6)).toBe("日本語");
});

test("columns stand under each other, numbers to the right", () => {
  expect(
    terminalTable({
      head: ["who", "n", "what"],
      rows: [
        ["日本", "7", "x"],
        ["a", "1234", "yy"],
      ],
      width: 80,
      numeric: [1],
    }),
  ).toEqual(["who      n  what", "日本     7  x", "a     1234  yy"]);
});

test("a table is never wider than the terminal, if that has room for its columns", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom("日本語".repeat(9), "👍".repeat(20), "é"),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text), { maxLength: 6 }),
      fc.integer({ min: 20, max: 90 }),
      (rows, width) => {
        for (const line of terminalTable({ head: ["a", "b", "c"], rows, width }))
          expect(cellsOf(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
