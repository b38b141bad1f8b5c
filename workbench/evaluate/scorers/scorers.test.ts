import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Score } from "../../schema/run.ts";
import type { Scored, Scorer } from "../types.ts";
import { contains } from "./contains.ts";
import { exact } from "./exact.ts";
import { regex } from "./regex.ts";
import { jsonField } from "./json-field.ts";
import { jsonSchema, validJson } from "./json-schema.ts";
import { memberAt, parseAnswer } from "./json.ts";
import { numberIn, numeric } from "./numeric.ts";
import { recordedScore } from "./recorded-score.ts";
import { style } from "./style.ts";

const value = async (scorer: Scorer, it: Scored): Promise<Score["value"]> => (await scorer(it)).value;

describe("numeric", () => {
  test.each([
    ["so 9 · 2 = 18. A: $18", "18.00", 1],
    ["A: 1,250 of them", "1250", 1],
    ["A: 12,50", "12", 1], // not a thousands mark: the first number is 12
    ["A: -3", "-3.0", 1],
    ["A: .5", "0.50", 1],
    ["A: 007", "7", 1],
    ["A: 50%", "50", 1],
    ["A: 1e3", "1000", 1],
    ["A: 3 … no, A: 4", "4", 1],
    ["the answer is 18", "18", 0],
    ["A: none", "18", 0],
    ["A: 9007199254740993", "9007199254740992", 0],
  ])("%j against %j is %d", async (output, expected, want) => {
    expect(await value(numeric({ after: "A:" }), { output, expected })).toBe(want);
  });

  test("no number in what is expected is unscored, not wrong", async () => {
    expect(await value(numeric(), { output: "1", expected: "none" })).toBeNull();
  });

  test("the same number in another spelling is the same number", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(4), (number, zeros) => {
        const spelled = zeros === 0 ? String(number) : `${number}.${"0".repeat(zeros)}`;
        expect(numberIn(`x A: ${spelled}`, "A:")).toBe(String(number));
        expect(numberIn(`A: ${number.toLocaleString("en-US")} apples`, "A:")).toBe(String(number));
      }),
    );
  });

  test("any text at all gives a number or null, quickly", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: "binary" }), (text) => {
        const found = numberIn(text);
        expect(found === null || Number.isFinite(Number(found))).toBe(true);
      }),
    );
    const start = performance.now();
    numberIn("1,".repeat(200_000), "1");
    numberIn("9".repeat(200_000));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("JSON of an answer", () => {
  test("every JSON value survives, bare and fenced", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (json) => {
        const text = JSON.stringify(json);
        expect(parseAnswer(text)).toEqual({ ok: true, value: JSON.parse(text) });
        expect(parseAnswer(`\`\`\`json\n${text}\n\`\`\``)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test("no text makes it throw, and depth is bounded", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseAnswer(text)));
    expect(parseAnswer("[".repeat(1_000_000)).ok).toBe(false);
    expect(parseAnswer("[".repeat(64) + "]".repeat(64)).ok).toBe(true);
    expect(parseAnswer("[".repeat(65) + "]".repeat(65)).ok).toBe(false);
    expect(parseAnswer(`"${"[".repeat(100)}"`).ok).toBe(true);
  });

  test("a path finds own members only", () => {
    expect(memberAt({ a: [{ b: 2 }] }, "a.0.b")).toBe(2);
    expect(memberAt({}, "constructor")).toBeUndefined();
    expect(memberAt({}, "__proto__.x")).toBeUndefined();
    expect(memberAt("text", "length")).toBeUndefined();
  });
});

test("where a row expects nothing there is no right and no wrong", async () => {
  for (const expected of [undefined, null]) {
    expect(await exact()({ output: "null", expected })).toMatchObject({ value: null });
    expect(await regex(/(null)/, { capture: true })({ output: "null", expected })).toMatchObject({
      value: null,
    });
    expect(await exact({ at: "queue" })({ output: "no JSON", expected })).toMatchObject({ value: null });
  }
  expect(await exact({ at: "queue" })({ output: '{"queue":1}', expected: { other: 1 } })).toMatchObject({
    value: null,
    reason: "the row expects no queue",
  });
  expect(await exact({ at: "queue" })({ output: '{"queue":null}', expected: { queue: null } })).toEqual({
    value: 1,
  });
});

describe("exact", () => {
  const expected = { queue: "billing", priority: "high" };
  test.each([
    ['{"queue":"billing","priority":"high"}', 1],
    ['{"priority":"high","queue":"billing","tool":"route"}', 1],
    ['{"queue":"billing","priority":"low"}', 0],
    ['{"queue":"billing"}', 0],
    ["billing high", 0],
  ])("%j against both fields is %d", async (output, want) => {
    expect(await value(exact({ at: ["queue", "priority"] }), { output, expected })).toBe(want);
  });

  test("texts are compared as normalised as asked, and no more", async () => {
    expect(await value(exact(), { output: " Paris\n", expected: "Paris" })).toBe(1);
    expect(await value(exact(), { output: "paris", expected: "Paris" })).toBe(0);
    expect(
      await value(exact({ normalise: ["case", "punctuation"] }), { output: "paris.", expected: "Paris" }),
    ).toBe(1);
  });
});

test("jsonSchema names the failing paths; zod and JSON Schema agree", async () => {
  const shape = { type: "object", properties: { queue: { type: "string" } }, required: ["queue"] };
  for (const scorer of [jsonSchema(z.object({ queue: z.string() })), jsonSchema(shape)]) {
    expect(await value(scorer, { output: '{"queue":"billing"}' })).toBe(1);
    expect(await scorer({ output: '{"queue":1}' })).toMatchObject({ value: 0, evidence: ["queue"] });
    expect(await value(scorer, { output: "queue" })).toBe(0);
  }
  expect(await value(validJson(), { output: "{}" })).toBe(1);
  expect(await value(jsonField("tool", "route"), { output: '{"tool":"route"}' })).toBe(1);
  expect(
    await value(
      jsonField("n", (n) => n === 2),
      { output: '{"n":3}' },
    ),
  ).toBe(0);
});

test("contains: all, any, none", async () => {
  const output = "It is Paris, in France.";
  expect(await value(contains(), { output, expected: "paris" })).toBe(1);
  expect(await value(contains(), { output, expected: ["paris", "spain"] })).toBe(0);
  expect(await value(contains({ need: "any" }), { output, expected: ["paris", "spain"] })).toBe(1);
  expect(await value(contains({ need: "none", phrases: ["paris"] }), { output })).toBe(0);
  expect(await value(contains(), { output, expected: "" })).toBeNull();
});

test("a recorded score is taken as it is; a missing one is unscored", async () => {
  const win = recordedScore("preference", { as: "win", value: (preference) => preference - 1 });
  expect(await value(win, { output: "", columns: { preference: 1.25 } })).toBe(0.25);
  expect(await value(win, { output: "", columns: {} })).toBeNull();
  expect(win.metric).toBe("win");
});

test("what a scorer was made with is its digest", () => {
  expect(exact({ at: "a" }).sha256).toBe(exact({ at: ["a"] }).sha256);
  expect(exact({ at: "a" }).sha256).not.toBe(exact({ at: "b" }).sha256);
  expect(recordedScore("p", { value: (p) => p - 1 }).sha256).not.toBe(
    recordedScore("p", { value: (p) => p }).sha256,
  );
});

test("answers made to be slow are scored in time linear in their length", { timeout: 20_000 }, async () => {
  const many = 1_000_000; // the square of this many steps is half an hour
  expect(numberIn(`0.${"0".repeat(many)}1`)?.length).toBe(many + 3);
  expect(numberIn(`1.5${"0".repeat(many)}`)).toBe("1.5");
  expect(
    await style({ maxSentenceWords: 2 })({ output: `${".".repeat(many)}x`, expected: null }),
  ).toMatchObject({
    value: 1,
  });
  expect(parseAnswer(`\`\`\`${"\n".repeat(many)}`).ok).toBe(false);
  expect(parseAnswer('```json \n\n {"a":1}\n```')).toEqual({ ok: true, value: { a: 1 } });
});
