import { expect, test } from "vitest";
import type { Scored, Scorer } from "../types.ts";
import { regex } from "./regex.ts";
import { mrr, ndcg, precisionAt, recallAt } from "./retrieval.ts";
import { rougeL } from "./rouge-l.ts";
import { style } from "./style.ts";
import { longestCommon, toolCalls } from "./tool-calls.ts";

const value = async (scorer: Scorer, it: Scored): Promise<number | null> => (await scorer(it)).value;
const made = (...calls: readonly (readonly [string, unknown])[]) => ({
  output: "",
  toolCalls: calls.map(([name, args]) => ({ id: null, name, argumentsText: JSON.stringify(args) })),
});

test("ROUGE-L: the worked values of Lin 2004", async () => {
  // Lin 2004, section 3.1: S1 against S2 and S3; S4 has S3's subsequence and other words.
  const expected = "police killed the gunman";
  expect(await value(rougeL(), { output: "police kill the gunman", expected })).toBe(0.75);
  expect(await value(rougeL(), { output: "the gunman kill police", expected })).toBe(0.5);
  expect(await value(rougeL(), { output: "the gunman police killed", expected })).toBe(0.5);
  expect(await value(rougeL(), { output: "", expected })).toBe(0);
  expect(await value(rougeL(), { output: "gunman", expected: ["x", "the gunman"] })).toBeCloseTo(2 / 3, 12);
  expect(longestCommon(["a", "b", "c", "d"], ["b", "d", "a"])).toBe(2);
});

test("NDCG, recall, precision, MRR: worked values", async () => {
  const expected = { a: 3, b: 2, c: 3, d: 0, e: 1, f: 2 };
  const output = JSON.stringify(["a", "b", "c", "d", "e", "f"]);
  // Järvelin & Kekäläinen's example as commonly worked: DCG 6.861 over 7.141.
  expect(await value(ndcg(6), { output, expected })).toBeCloseTo(0.9608, 4);
  expect(await value(ndcg(6, { gain: "exponential" }), { output, expected })).toBeCloseTo(0.9488, 4);
  expect(await value(recallAt(3), { output, expected })).toBe(0.6);
  expect(await value(precisionAt(4), { output, expected })).toBe(0.75);
  expect(await value(precisionAt(10), { output, expected })).toBe(0.5);
  expect(await value(mrr(), { output: '["x","y","z","a"]', expected: ["a"] })).toBe(0.25);
  expect(await value(recallAt(2), { output: '["a","a","b"]', expected: ["a", "b"] })).toBe(1);
  expect(await value(ndcg(3), { output, expected: { a: 0 } })).toBeNull();
  expect(ndcg(10).metric).toBe("ndcg@10");
});

test("tool calls: F1, order, forbidden, arguments in any spelling", async () => {
  const expected = [
    { name: "search", arguments: { q: "x", n: 1 } },
    { name: "book", arguments: { id: 7 } },
  ];
  const [search, book] = [
    ["search", { n: 1, q: "x" }],
    ["book", { id: 7 }],
  ] as const;
  expect(await value(toolCalls(), { ...made(search, book), expected })).toBe(1);
  expect(await value(toolCalls(), { ...made(search, ["cancel", {}]), expected })).toBe(0.5);
  expect(await value(toolCalls(), { ...made(book, search), expected })).toBe(1);
  expect(await value(toolCalls({ order: "inOrder" }), { ...made(book, search), expected })).toBe(0.5);
  expect(await value(toolCalls({ order: "exact" }), { ...made(book, search), expected })).toBe(0);
  expect(await value(toolCalls({ forbidden: ["book"] }), { ...made(search, book), expected })).toBe(0);
  expect(await toolCalls()({ ...made(["search", { q: "y" }]), expected })).toMatchObject({
    value: 0,
    evidence: { names: 0.5, arguments: 0 },
  });
  expect(await value(toolCalls(), { ...made(), expected: [] })).toBe(1);
  expect(await value(toolCalls(), { ...made(), expected: "none" })).toBeNull();
});

test("regex keeps no position between answers, and a nested repeat is refused", async () => {
  const scorer = regex(/a/g);
  for (let i = 0; i < 3; i++) expect(await value(scorer, { output: "ba" })).toBe(1);
  expect(await value(regex(/^n (\d+)$/, { capture: true }), { output: "n 12", expected: 12 })).toBe(1);
  expect(() => regex(/(a+)+$/)).toThrow(/forever/);
});

test("style: the share of rules kept, with those that are broken", async () => {
  const scorer = style({ maxWords: 3, banned: ["sorry"], headings: ["Summary"] });
  expect(await scorer({ output: "Sorry, I cannot" })).toEqual({
    value: 1 / 3,
    reason: 'broken: never says "sorry"; has the heading "Summary"',
  });
  expect(await value(scorer, { output: "# Summary\nYes" })).toBe(1);
});
