import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase, sqlText } from "../catalog/database.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { DataSource, Parsed } from "./source.ts";
import { csv, parquet, sql } from "./tables.ts";
import { tempProject } from "./testing/project.ts";

async function items(source: DataSource<unknown, unknown>, project: Project): Promise<readonly unknown[]> {
  const out: Parsed<unknown, unknown>[] = [];
  for await (const one of source.open(project, realEffects)) out.push(one);
  return out;
}

test("CSV: cells are text as they stand, and a map makes items of columns", async () => {
  const project = await tempProject();
  await writeFile(
    join(project.evals, "a.csv"),
    'id,input,expected,tone\n007,"a, ""b""\nc",1e3,\n8,x,y,rude\n',
  );
  expect(await items(csv("evals/a.csv"), project)).toEqual([
    { item: { label: "007", input: 'a, "b"\nc', expected: "1e3", metadata: { tone: null } } },
    { item: { label: "8", input: "x", expected: "y", metadata: { tone: "rude" } } },
  ]);
  const map = (row: { input: string }) => (row.input === "x" ? { input: { text: "x" }, expected: 1 } : null);
  expect(await items(csv("evals/a.csv", { map }), project)).toEqual([
    { item: { input: { text: "x" }, expected: 1 } },
  ]);
});

test("Parquet: nested columns are objects", async () => {
  const project = await tempProject();
  await mkdir(join(project.private, "tmp"), { recursive: true });
  const file = join(project.evals, "it's.parquet");
  const temporary = join(project.private, "tmp");
  const db = await openDatabase({ allowed: [project.evals], temporary });
  await db.run(
    `copy (select 'r1' as id, {text: 'q', n: 3} as input, 12::bigint as expected) to ${sqlText(file)} (format parquet)`,
  );
  db.close();
  expect(await items(parquet("evals/it's.parquet"), project)).toEqual([
    { item: { label: "r1", input: { text: "q", n: 3 }, expected: 12, metadata: {} } },
  ]);
});

test("SQL over the catalog, with parameters; it reaches no file", async () => {
  const project = await tempProject();
  const query = async (text: string) => writeFile(join(project.evals, "q.sql"), text);
  await query("select $word as input, count(*)::int as expected from interactions");
  expect(await items(sql("evals/q.sql", { word: "x" }), project)).toEqual([
    { item: { input: "x", expected: 0, metadata: {} } },
  ]);
  await query("select content as input from read_text('/etc/passwd')");
  await expect(items(sql("evals/q.sql"), project)).rejects.toMatchObject({ code: "WB_SUITE_INVALID" });
  await expect(items(sql("../../etc/passwd"), project)).rejects.toMatchObject({ code: "WB_PATH_OUTSIDE" });
});

test("a missing file and another ending are told", async () => {
  const project = await tempProject();
  await expect(items(csv("evals/no.csv"), project)).rejects.toMatchObject({ code: "WB_FILE_MISSING" });
  await expect(items(parquet("evals/no.csv"), project)).rejects.toMatchObject({ code: "WB_FORMAT_UNKNOWN" });
});
