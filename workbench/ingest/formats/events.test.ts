import { expect, test } from "vitest";
import { openCatalog } from "../../catalog/catalog.ts";
import { ImplicitSignals } from "../../schema/implicit-signals.ts";
import { lines, testProject } from "../testing/project.ts";
import type { TestProject } from "../testing/project.ts";
import { eventSignal } from "./events.ts";
import { MapRefusal } from "./format.ts";

const settings = ImplicitSignals.parse({});
const value = (event: object): unknown => eventSignal({ conversation: "c", ...event }, settings).value;

test("each event is worth what the requirement says, at its threshold", () => {
  expect(value({ type: "accept", after_ms: 2999 })).toBe(0.6);
  expect(value({ type: "accept", after_ms: 3000 })).toBe(0);
  expect(value({ type: "copy" })).toBe(0.4);
  expect(value({ type: "citation", citation: "doc-1" })).toBe(0.3);
  expect(value({ type: "read", seconds: 24, words: 119 })).toBe(0.5); // 119 words take 30 s
  expect(value({ type: "read", seconds: 23.9, words: 119 })).toBe(0);
  expect(value({ type: "read", seconds: 24, expected_seconds: 30 })).toBe(0.5);
  expect(value({ type: "read", seconds: 24 })).toBeUndefined();
  expect(() => value({ type: "accept" })).toThrow(/after_ms/);
  expect(() => value({ type: "hover" })).toThrow(/type/);
  expect(() => value({ type: "__proto__" })).toThrow(MapRefusal);
  expect(() => value({ type: "constructor" })).toThrow(MapRefusal);
});

const answer = (id: string, at: string): object => ({
  schema: "workbench/interaction@1",
  source_id: id,
  conversation_id: "c1",
  started_at: `2026-01-01T00:00:${at}Z`,
  messages: [{ role: "user", content: "q" }],
  output: [{ role: "assistant", content: "a" }],
});
const event = (type: string, at: string, more: object = {}): object => ({
  schema: "workbench/event@1",
  type,
  at: `2026-01-01T00:00:${at}Z`,
  conversation: "c1",
  ...more,
});

async function implicit(at: TestProject): Promise<readonly unknown[]> {
  const catalog = await openCatalog(at.project);
  const rows = await catalog.rows<{ source_id: string; value: number; reasons: string[] }>(
    "select source_id, value, reasons from implicit join interactions using (interaction_id) order by source_id",
  );
  catalog.close();
  return rows.map(({ source_id, value, reasons }) => [source_id, value, reasons]);
}

test("an event stream becomes implicit signals: reformulations found in time order, sums held to 1", async () => {
  const events = [
    event("query", "01", { query: "where is my parcel P42" }),
    event("query", "11", { query: "where is parcel P42 now?" }),
    event("query", "21", { query: "and how do I pay an invoice" }),
    event("accept", "31", { interaction: "a3", after_ms: 900 }),
    event("copy", "32", { interaction: "a3" }),
    event("citation", "33", { interaction: "a3", citation: "d1" }),
    event("citation", "34", { interaction: "a3", citation: "d2" }),
    event("read", "35", { interaction: "a2", seconds: 1, words: 119 }),
  ];
  const answers = [answer("a1", "02"), answer("a2", "12"), answer("a3", "22")];
  const expected = [
    ["a1", -0.5, ["the user asked again in other words"]],
    ["a2", 0, ["read for less than 80 % of the expected time"]],
    ["a3", 1, ["a citation was opened", "next action within 3 s", "the response was copied"]],
  ];
  for (const order of [events, [...events].reverse()]) {
    const at = await testProject();
    await at.ingest(await at.write("events.jsonl", lines(order))); // before the answers they are about
    await at.ingest(await at.write("answers.jsonl", lines(answers)));
    expect(await implicit(at)).toEqual(expected);
    const rows = await at.rows();
    expect(rows.find(({ source_id }) => source_id === "a1")?.feedback).toMatchObject([
      { kind: "reformulated", value: -0.5 },
    ]);
  }
});

test("events of any log through a mapping, with numbers of one's own", async () => {
  const at = await testProject();
  await at.ingest(await at.write("answers.jsonl", lines([answer("a1", "02")])));
  const mapping = await at.write(
    "ui.mapping.yaml",
    `schema: workbench/mapping@1
name: ui
event:
  type: { path: $.action, map: { clip: copy, ask: query } }
  at: $.ts
  interaction: $.answer
  conversation: $.session
  query: $.text
signals: { copied: 0.25 }
`,
  );
  const log = [
    { action: "clip", ts: 1767225603, answer: "a1", session: "c1" },
    { action: "hover", ts: 1767225604, answer: "a1", session: "c1" },
  ];
  const report = await at.ingest(await at.write("ui.jsonl", lines(log)), { mapping });
  expect(report.totals).toMatchObject({ read: 2, stored: 1, quarantined: 1 });
  expect(await implicit(at)).toEqual([["a1", 0.25, ["the response was copied"]]]);
});
