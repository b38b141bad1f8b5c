import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "../../schema/config.ts";
import { realEffects } from "../../store/effects.ts";
import { ingest } from "../ingest.ts";
import { KEY, lines, many, testProject } from "../testing/project.ts";
import type { TestProject } from "../testing/project.ts";
import { testS3 } from "../testing/s3.ts";
import type { TestS3 } from "../testing/s3.ts";

let store: TestS3;
beforeAll(async () => {
  store = await testS3("logs");
  await store.put("2026/11/a.jsonl", lines(many(10)));
  await store.put("2026/11/b.jsonl.gz", gzipSync(lines(many(10, 10))));
  await store.put("2026/12/c.jsonl", lines(many(10, 20)));
  await store.put("2026/12/readme.md", "not a log");
  await store.put("tables/d.csv", "id,question,answer\n1,Hello?,Hi\n2,Bye?,Bye\n");
});
afterAll(() => store.stop());

const read = (at: TestProject, url: string, more: object = {}) =>
  at.ingest(url, { s3: { endpoint: store.endpoint, region: "us-east-1", pathStyle: true }, ...more });

const MAPPING = `schema: workbench/mapping@1
name: table
row:
  source_id: "{$.id}"
  messages: [{ role: user, content: $.question }]
  output: [{ role: assistant, content: $.answer }]
`;

test("an object, a prefix and a pattern; what was read is not read again", async () => {
  const at = await testProject();
  expect((await read(at, "s3://logs/2026/11/a.jsonl")).totals.stored).toBe(10);
  const prefix = await read(at, "s3://logs/2026");
  expect(prefix.sources.map(({ source, outcome }) => [source, outcome])).toEqual([
    ["s3://logs/2026/11/a.jsonl", "unchanged"],
    ["s3://logs/2026/11/b.jsonl.gz", "imported"],
    ["s3://logs/2026/12/c.jsonl", "imported"],
  ]);
  const pattern = await read(at, "s3://logs/**/*.jsonl*");
  expect(pattern.sources.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged", "unchanged"]);
  expect((await at.rows()).length).toBe(30);
  await store.put("2026/12/c.jsonl", lines(many(11, 20)));
  expect((await read(at, "s3://logs/2026/12/")).totals).toMatchObject({ read: 11, stored: 1, known: 10 });
});

test("CSV and Parquet objects; nothing of a Parquet object stays behind", async () => {
  const at = await testProject();
  const mapping = await at.write("m.yaml", MAPPING);
  expect((await read(at, "s3://logs/tables/d.csv", { mapping })).totals.stored).toBe(2);
  const path = join(at.project.root, "x.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(
    `copy (select i as id, 'q' as question, 'a' as answer from range(5) t(i)) to '${path}' (format parquet)`,
  );
  await store.put("tables/x.parquet", await readFile(path));
  expect((await read(at, "s3://logs/tables/x.parquet", { mapping })).totals.stored).toBe(5);
  expect(await realEffects.list(join(at.project.private, "ingest-tmp"))).toEqual([]);
});

test("a source named in the configuration brings its label and mapping, and its address is not kept", async () => {
  const at = await testProject();
  await at.write("m.yaml", MAPPING);
  const from = {
    kind: "s3",
    url: "s3://logs/tables/d.csv",
    endpoint: store.endpoint,
    region: "us-east-1",
    pathStyle: true,
    map: "m.yaml",
  };
  const config = Config.parse({
    schema: "workbench/config@1",
    project: "test",
    sources: { desk: { scope: "conversation", from } },
  });
  const report = await ingest({ project: at.project, config, sources: ["desk"], key: KEY });
  expect(report.totals.stored).toBe(2);
  for (const line of (await at.digests()).filter((name) => name.includes("manifest"))) {
    const text = await readFile(join(at.project.private, "interactions", line.split(" ")[0] ?? ""), "utf8");
    expect(text).toContain('"label":"desk"');
    expect(text).not.toMatch(/s3:\/\/|127\.0\.0\.1|S3RVER/);
  }
});

test("what is not there, not allowed or not reachable says so", async () => {
  const at = await testProject();
  await expect(read(at, "s3://logs/nothing/")).rejects.toMatchObject({ code: "WB_FILE_MISSING" });
  await expect(read(at, "s3://nobucket/x")).rejects.toMatchObject({ code: "WB_SOURCE_INVALID", exitCode: 2 });
  await expect(
    at.ingest("s3://logs/x", {
      s3: { endpoint: "http://127.0.0.1:1", region: "us-east-1", pathStyle: true },
    }),
  ).rejects.toMatchObject({ code: "WB_ENDPOINT_DOWN", exitCode: 5 });
  const allowed = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "SOMEBODY", AWS_SECRET_ACCESS_KEY: "not-to-be-shown" });
  const refused = await read(at, "s3://logs/2026/").catch((error: unknown) => error);
  Object.assign(process.env, allowed);
  expect(refused).toMatchObject({ code: "WB_KEY_REFUSED", exitCode: 2 });
  expect(JSON.stringify(refused)).not.toMatch(/not-to-be-shown/);
});
