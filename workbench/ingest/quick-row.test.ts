import fc from "fast-check";
import { expect, test } from "vitest";
import { Interaction, Message, OutputChoice, Signal, ToolCall } from "../schema/interaction.ts";
import { quickInteraction } from "./quick-row.ts";

/** What a member may hold: what it should, nothing, or what it should not. */
const anything = fc.oneof(
  fc.constantFrom(null, undefined, "", "llm", "tool", "ok", "cut", "workbench/interaction@1", true, false),
  fc.constantFrom(0, -1, 3, 0.5, -0, 2 ** 53, Infinity, Number.NaN),
  fc.string({ maxLength: 5 }),
  fc.constantFrom([], {}, ["a"], [1], [null]),
);

function objects(
  names: readonly string[],
  members: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<unknown> {
  const some = fc.record(Object.fromEntries(names.map((name) => [name, members[name] ?? anything])), {
    requiredKeys: [],
  });
  return fc.oneof({ weight: 9, arbitrary: some }, { weight: 1, arbitrary: anything });
}

const listOf = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: fc.array(item, { maxLength: 3 }) }, { weight: 1, arbitrary: anything });

const calls = listOf(objects(Object.keys(ToolCall.shape), { name: fc.string() }));
const spoken = { role: fc.constantFrom("user", "assistant", "tool"), tool_calls: calls };
const drafts = fc.record(
  {
    ...Object.fromEntries(Object.keys(Interaction.shape).map((name) => [name, anything])),
    messages: listOf(objects([...Object.keys(Message.shape), "unknown"], spoken)),
    output: listOf(objects(Object.keys(OutputChoice.shape), spoken)),
    feedback: listOf(objects(Object.keys(Signal.shape), { kind: fc.string() })),
    tags: listOf(fc.string()),
  },
  { requiredKeys: [] },
);

/** A draft with a few members only, so that many are good in all of them. */
const sparse = drafts.chain((draft) =>
  fc
    .subarray(Object.keys(draft), { maxLength: 4 })
    .map((names) =>
      Object.fromEntries(names.map((name) => [name, (draft as Record<string, unknown>)[name]])),
    ),
);

const withoutNulls = (draft: object): object =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== null && value !== undefined));

test("a quick row is the row that zod gives, member by member and in the same order", () => {
  let sure = 0;
  fc.assert(
    fc.property(fc.oneof(sparse, drafts), (draft) => {
      const quick = quickInteraction(draft);
      if (quick === null) return;
      sure++;
      expect(JSON.stringify(quick)).toBe(JSON.stringify(Interaction.parse(withoutNulls(draft))));
    }),
    { numRuns: 3000 },
  );
  expect(sure).toBeGreaterThan(300);
});

test("what logs usually hold needs no zod", () => {
  const row = {
    source_id: "a",
    messages: [{ role: "user", content: "q", tool_calls: [{ id: "1", name: "f", arguments: { a: 1 } }] }],
    output: [{ role: "assistant", content: "a", finish_reason: "stop" }],
    feedback: [{ kind: "rating", raw: 4, value: 0.5 }],
    input_tokens: 3,
    latency_ms: 1.5,
    tags: ["x"],
    metadata: { a: [1] },
  };
  expect(quickInteraction(row)).toEqual(Interaction.parse(row));
});
