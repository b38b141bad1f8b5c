import { expect, test } from "vitest";
import { WorkbenchError } from "../../errors/error.ts";
import { namedScorer } from "../scorers/registry.ts";
import { guardedRegex, guardedSchema } from "./scorers.ts";

test("patterns and schemas of data files score as those of suites do", async () => {
  const ticket = guardedRegex({ pattern: "^ticket (\\d+)$", flags: "i", capture: true });
  expect(await ticket({ output: "Ticket 12", expected: "12" })).toEqual({ value: 1 });
  expect(await ticket({ output: "ticket 13", expected: "12" })).toMatchObject({ value: 0 });
  expect(await ticket({ output: "none", expected: "12" })).toMatchObject({ value: 0 });
  const schema = { type: "object", required: ["queue"], properties: { queue: { enum: ["a", "b"] } } };
  const routed = guardedSchema({ schema });
  expect(await routed({ output: '{"queue":"a"}' })).toEqual({ value: 1 });
  expect(await routed({ output: '{"queue":"c"}' })).toMatchObject({ value: 0, evidence: ["queue"] });
  expect(await routed({ output: "not JSON" })).toMatchObject({ value: 0 });
  const broken = await guardedSchema({ schema: { type: "nothing" } })({ output: "{}" });
  expect(broken.value).toBeNull();
});

test("a pattern that takes for ever leaves its answer unscored, and the next is answered", async () => {
  const bad = guardedRegex({ pattern: "^(a+)+$" });
  const good = guardedRegex({ pattern: "^a" });
  const attack = `${"a".repeat(40)}!`;
  const started = performance.now();
  const [late, fine] = await Promise.all([bad({ output: attack }), good({ output: attack })]);
  expect(late).toEqual({ value: null, reason: "the pattern: it took longer than 100 ms" });
  expect(fine).toEqual({ value: 1 });
  const inside = guardedSchema({ schema: { pattern: "^(a+)+$" } });
  expect((await inside({ output: '"aaa"' })).value).toBe(1);
  expect((await inside({ output: JSON.stringify(attack) })).value).toBeNull();
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a busy thread of ours makes no answer late", async () => {
  const good = guardedRegex({ pattern: "b$" });
  await good({ output: "b" });
  const asked = good({ output: "ab" });
  await Promise.resolve();
  for (const until = performance.now() + 250; performance.now() < until;);
  expect(await asked).toEqual({ value: 1 });
});

test("data files name them, and what is no pattern or too large is refused before the run", async () => {
  const named = namedScorer({ use: "regex", pattern: "^yes" }, "a.suite.jsonl:1");
  expect(await named({ output: "yes, please" })).toEqual({ value: 1 });
  expect(named.metric).toBe("regex");
  const schema = namedScorer({ use: "jsonSchema", schema: { type: "number" } }, "a.suite.jsonl:1");
  expect(await schema({ output: "7" })).toEqual({ value: 1 });
  for (const asked of [
    { use: "regex", pattern: "(" },
    { use: "regex", pattern: "a", flags: "g" },
    { use: "jsonSchema", schema: "x" },
    { use: "jsonSchema", schema: { description: "x".repeat(70_000) } },
  ])
    expect(() => namedScorer(asked, "a.suite.jsonl:1")).toThrow(WorkbenchError);
});
