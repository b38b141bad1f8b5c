import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { lines, testProject } from "../ingest/testing/project.ts";
import { exportRows } from "./export-rows.ts";

const record = (n: number): object => ({
  schema: "workbench/interaction@1",
  source_id: `s${n}`,
  started_at: "2026-01-01T00:00:00.123456Z",
  input_tokens: 9007199254740991,
  cost_usd: 0.1 + n / 1000,
  task_completed: n % 2 === 0,
  messages: [{ role: "user", content: `q ${n} é` }],
});

test("rows go out as Parquet and Arrow, every column and value, all of them", async () => {
  const at = await testProject();
  const count = 12_000;
  await at.ingest(await at.write("a.jsonl", lines(Array.from({ length: count }, (_, n) => record(n)))));
  const select =
    "select source_id, started_at, input_tokens, cost_usd, task_completed, latency_ms, messages from interactions order by source_id";
  const parquet = join(at.project.root, "rows.parquet");
  expect(await exportRows(at.project, { select, format: "parquet", out: parquet })).toBe(count);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const reader = await connection.runAndReadAll(
    `select count(*)::int as n, count(distinct source_id)::int as ids, min(epoch_us(started_at)) as us, max(messages[1].content) as last from '${parquet}'`,
  );
  expect(reader.getRowObjectsJson()).toEqual([
    { n: count, ids: count, us: "1767225600123456", last: "q 9999 é" },
  ]);
  const arrow = join(at.project.root, "rows.arrow");
  expect(await exportRows(at.project, { select, format: "arrow", out: arrow })).toBe(count);
  const table = tableFromIPC(await readFile(arrow));
  expect(table.numRows).toBe(count);
  expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
    "source_id Utf8",
    "started_at Timestamp<MICROSECOND, UTC>",
    "input_tokens Int64",
    "cost_usd Float64",
    "task_completed Bool",
    "latency_ms Float64",
    "messages Utf8",
  ]);
  const row = table.get(11_999)?.toJSON() as Record<string, unknown>;
  expect(row).toMatchObject({
    source_id: "s9999",
    input_tokens: 9007199254740991n,
    cost_usd: 0.1 + 9999 / 1000,
    task_completed: false,
    latency_ms: null,
  });
  expect(row["started_at"]).toBe(1767225600123.456);
  expect(JSON.parse(String(row["messages"]))).toMatchObject([{ role: "user", content: "q 9999 é" }]);
});

test("a file that is there is not written over, and a SELECT that is none leaves nothing behind", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines([record(1)])));
  const out = await at.write("rows.parquet", "mine");
  await expect(exportRows(at.project, { select: "select 1", format: "parquet", out })).rejects.toMatchObject({
    code: "WB_USAGE",
  });
  expect(await readFile(out, "utf8")).toBe("mine");
  const other = join(at.project.root, "x.arrow");
  await expect(
    exportRows(at.project, { select: "select * from nowhere", format: "arrow", out: other }),
  ).rejects.toThrow(/nowhere/);
  await expect(readFile(other)).rejects.toThrow(/ENOENT/);
  const segment = (await at.digests()).find((line) => line.includes("rows.parquet"))?.split(" ")[0] ?? "";
  const copy = `select 1) to '${at.project.private}/interactions${segment}' (format csv); --`;
  for (const sql of [copy, `select 1); copy (${copy}`])
    await expect(exportRows(at.project, { select: sql, format: "parquet", out: other })).rejects.toThrow(
      /Parser Error/,
    );
  expect((await at.rows()).length).toBe(1);
});

test("CSV holds every row; what a spreadsheet would take for a formula is text", async () => {
  const at = await testProject();
  const hostile = ["=1+1", " +2", "-3", "@x", "\t=4", 'a "quote", and\nlines', "plain"];
  const records = hostile.map((text, n) => ({ ...record(n), model_served: text }));
  await at.ingest(await at.write("a.jsonl", lines(records)));
  const select = "select model_served, -1.5 as n, messages from interactions order by source_id";
  const out = join(at.project.root, "rows.csv");
  expect(await exportRows(at.project, { select, format: "csv", out })).toBe(hostile.length);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const reader = await connection.runAndReadAll(
    `from read_csv('${out}', header = true, all_varchar = true, quote = '"', escape = '"', delim = ',')`,
  );
  const rows = reader.getRowObjectsJson();
  const guarded = hostile.map((text, n) => (n < 5 ? `'${text}` : text));
  expect(rows.map(({ model_served }) => model_served)).toEqual(guarded);
  expect(rows[0]).toMatchObject({ n: "-1.5" });
  expect(JSON.parse(rows[0]?.["messages"] as string)).toMatchObject([{ content: "q 0 é" }]);
});
