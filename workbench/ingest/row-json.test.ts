import fc from "fast-check";
import { expect, test } from "vitest";
import { FeedbackEvent, Interaction } from "../schema/interaction.ts";
import { rowJson } from "./row-json.ts";

const origin = { rowKey: "7d3e", line: 3, part: 1, byteOffset: 17, byteLength: 9, redactions: { EMAIL: 2 } };
const added = {
  row_key: "7d3e",
  line_no: 3,
  part: 1,
  byte_offset: 17,
  byte_length: 9,
  redactions: { EMAIL: 2 },
};

const text = fc.option(fc.string({ unit: "binary" }), { freq: 2 });
const turn = fc.record({ role: fc.string(), content: text, name: text, parts: fc.jsonValue() });
const rows = fc.record({
  source_id: text,
  system: text,
  turn: fc.option(fc.nat()),
  messages: fc.array(turn, { maxLength: 3 }),
  feedback: fc.array(fc.record({ kind: fc.string(), comment: text, raw: fc.jsonValue() }), { maxLength: 2 }),
  metadata: fc.jsonValue(),
});

test("a spooled row, read by its schema, is the row: what is left out is null", () => {
  fc.assert(
    fc.property(rows, (draft) => {
      const row = Interaction.parse(draft);
      const json = rowJson(structuredClone(row), { ...origin, format: "workbench" });
      expect(JSON.parse(json)).toMatchObject({ ...added, format: "workbench" });
      expect(Interaction.parse(JSON.parse(json))).toEqual(JSON.parse(JSON.stringify(row)));
    }),
  );
});

test("nulls are left out of the row and its turns, never inside what a source wrote as JSON", () => {
  const row = Interaction.parse({ messages: [{ role: "user", content: "a" }], metadata: { a: null } });
  expect(rowJson(row, { ...origin, format: 'a "b"' })).toBe(
    '{"schema":"workbench/interaction@1","kind":"llm","context":[],"messages":[{"role":"user","content":"a","tool_calls":[]}],' +
      '"output":[],"tools_used":[],"sub_agents":[],"steps":[],"status":"ok","feedback":[],"tags":[],"metadata":{"a":null},' +
      '"format":"a \\"b\\"","row_key":"7d3e","line_no":3,"part":1,"byte_offset":17,"byte_length":9,"redactions":{"EMAIL":2}}',
  );
});

test("a feedback record without an id gets its row's key, with one it keeps it, once", () => {
  const event = { kind: "thumb", target: { trace_id: "t" } };
  const idOf = (id: string | null): unknown[] => {
    const json = rowJson(FeedbackEvent.parse({ ...event, feedback_id: id }), { ...origin, format: "x" });
    return [(JSON.parse(json) as { feedback_id: string }).feedback_id, json.split('"feedback_id"').length];
  };
  expect([idOf(null), idOf("f1")]).toEqual([
    ["7d3e", 2],
    ["f1", 2],
  ]);
});
