import fc from "fast-check";
import { expect, test } from "vitest";
import { INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import { openDatabase, sqlText } from "../../catalog/database.ts";
import { needlesOf } from "./needles.ts";
import { rowWithout, textsOf } from "./row-texts.ts";
import { nameIn } from "./traces.ts";

test("a name goes out of texts and of what a log's JSON holds; measures, times and names of columns stay", () => {
  const row = `{"row_key":"10000001","started_at":"2026-11-20 10:00:00","latency_ms":10000001.50,"system":"ask 10000001",\
"tool_calls":[{"name":"tool_calls","arguments":{"10000001":12345678901234567890,"n":10000001}}]}`;
  expect(rowWithout(row, needlesOf(["10000001", "tool_calls"])))
    .toBe(`{"row_key":"10000001","started_at":"2026-11-20 10:00:00","latency_ms":10000001.50,"system":"ask [erased]",\
"tool_calls":[{"name":"[erased]","arguments":{"[erased]":12345678901234567890,"n":"[erased]"}}]}`);
});

test("a row without a name is what it was, to the digit", () => {
  const row = '{"metadata":{"big":12345678901234567890,"small":1.10},"system":"10000002 is no name"}';
  expect(rowWithout(row, needlesOf(["10000001"]))).toBe(row);
});

test("DuckDB passes over no row whose texts hold a name", async () => {
  const db = await openDatabase({ allowed: [], temporary: "" });
  const unit = fc.constantFrom("a", "é", '"', "\\", "\n", ".", "(", "|", "*", "[", "'", "{", "\t", "-", "$");
  const text = fc.string({ unit, minLength: 1, maxLength: 5 });
  const json = (value: unknown): string => `${sqlText(JSON.stringify(value))}::JSON`;
  const places = (value: string): Readonly<Record<string, string>> => ({
    system: sqlText(value),
    metadata: json({ deep: [value] }),
    extra: json({ [value]: 1 }),
    params: json(JSON.stringify({ [value]: 1 })),
    error: `{'code': ${sqlText(value)}, 'message': null}`,
    tags: `[${sqlText(value)}]`,
    context: `[{'id': null, 'text': ${sqlText(value)}, 'score': null}]`,
  });
  const row = (column: string, value: string): string =>
    Object.entries(INTERACTION_COLUMNS)
      .map(([name, type]) => `(${name === column ? value : "null"})::${type} as "${name}"`)
      .join(", ");
  await fc.assert(
    fc.asyncProperty(text, text, text, async (before, name, after) => {
      const [names, all] = [nameIn(textsOf(INTERACTION_COLUMNS), needlesOf([name])), places(before + name + after)];
      const rows = Object.entries(all).map(([column, value]) => `select ${row(column, value)}`);
      const found = await db.rows(`select 1 from (${rows.join(" union all ")}) where ${names}`);
      expect(found).toHaveLength(rows.length);
    }),
    { numRuns: 40 },
  );
  db.close();
}); // prettier-ignore
