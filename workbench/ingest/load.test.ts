import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../catalog/database.ts";
import { ROWS_FILE, importFolder, importsFolder } from "../catalog/segments.ts";
import { chatRecord, lines, testProject } from "./testing/project.ts";

test("rows lie in the order of their lines, with replays and without", { timeout: 60_000 }, async () => {
  const at = await testProject();
  const records = Array.from({ length: 6000 }, (_, n) => chatRecord(`r${n % 2000}`, `question ${n % 2000}`));
  const report = await at.ingest(await at.write("a.jsonl", lines(records)));
  expect(report.totals).toMatchObject({ stored: 2000, known: 4000 });
  const root = importsFolder(at.project);
  const db = await openDatabase({ allowed: [root], temporary: join(root, "tmp") });
  const path = join(importFolder(at.project, report.sources[0]?.import ?? ""), ROWS_FILE);
  const rows = await db.rows<{ line_no: number }>("select line_no from read_parquet($path)", { path });
  db.close();
  expect(rows.map(({ line_no }) => line_no)).toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
});
