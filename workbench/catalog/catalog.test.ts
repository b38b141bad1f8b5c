import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS } from "./columns.ts";
import { openCatalog } from "./catalog.ts";
import { catalogPath, indexProject } from "./index-project.ts";
import { isoText, readInteractions } from "./interactions.ts";
import { StoredFeedback, StoredInteraction } from "../schema/interaction.ts";
import { lines, many, testProject } from "../ingest/testing/project.ts";
import type { TestProject } from "../ingest/testing/project.ts";
import type { Project } from "../store/paths.ts";

const asked = (id: string, more: object = {}): object => ({
  schema: "workbench/interaction@1",
  source_id: id,
  conversation_id: "c1",
  trace_id: `trace-${id}`,
  started_at: `2026-11-20T10:00:0${id}Z`,
  messages: [{ role: "user", content: `question ${id}` }],
  output: [{ role: "assistant", content: `answer ${id}` }],
  ...more,
});
const about = (target: object, more: object = {}): object => ({
  schema: "workbench/feedback@1",
  target,
  kind: "rating",
  raw: 5,
  occurred_at: "2026-11-20T10:00:02.500Z",
  ...more,
});

async function queries(project: Project): Promise<unknown> {
  const catalog = await openCatalog(project);
  try {
    const tables = [
      "interactions",
      "feedback",
      "trajectories",
      "imports",
      "quarantine",
      "datasets",
      "runs",
      "samples",
      "decisions",
    ];
    const answers: unknown[] = [];
    for (const table of tables)
      answers.push(table, await catalog.rows(`select * from ${table} order by all`));
    return answers;
  } finally {
    catalog.close();
  }
}

async function filled(): Promise<TestProject> {
  const at = await testProject();
  await at.ingest(await at.write("chat.jsonl", `${lines(many(20))}broken\n`));
  const feedback = [
    about({ source_id: "2" }),
    about({ conversation_id: "c1" }, { kind: "thumb", raw: false }),
  ];
  await at.ingest(await at.write("own.jsonl", lines([asked("1"), asked("2"), asked("3"), ...feedback])));
  const run = join(at.project.runs, "0123456789ab");
  await mkdir(run, { recursive: true });
  await writeFile(join(run, "manifest.json"), JSON.stringify(RUN));
  await writeFile(join(run, "samples.jsonl"), lines([SAMPLE]));
  return at;
}
const RUN = {
  schema: "workbench/run@1",
  id: "0123456789ab",
  kind: "eval",
  experiment: null,
  name: "x",
  inputs: {},
  inputsSha256: "0".repeat(64),
  seed: 1,
  at: "2026-11-20T10:00:00.000Z",
  host: { os: "linux", cpus: 2, node: "24" },
  code: { commit: null, dirty: null },
};
const SAMPLE = {
  sampleId: "1".repeat(64),
  label: "s",
  arm: "baseline",
  epoch: 1,
  status: "scored",
  input: [],
  expected: null,
  output: "x",
  scores: {},
  success: true,
  latencyMs: 1,
  ttftMs: null,
  inputTokens: 1,
  cachedTokens: null,
  outputTokens: 1,
  costUsd: null,
  judgeCostUsd: null,
  servedModel: null,
  finishReason: null,
  slices: {},
  cluster: null,
  error: null,
};

test("the pinned columns are the schema's fields, in its order", () => {
  expect(Object.keys(INTERACTION_COLUMNS)).toEqual(Object.keys(StoredInteraction.shape));
  expect(Object.keys(FEEDBACK_COLUMNS)).toEqual(Object.keys(StoredFeedback.shape));
  expect(INTERACTION_COLUMNS).toMatchObject({
    row_key: "UUID",
    started_at: "TIMESTAMPTZ",
    input_tokens: "BIGINT",
    params: "JSON",
    tags: "VARCHAR[]",
  });
});

test("deleting the catalog loses nothing: the rebuilt one gives the same answers", async () => {
  const { project } = await filled();
  const before = await queries(project);
  expect(JSON.stringify(before)).toContain("answer 3");
  await rm(catalogPath(project));
  expect(await queries(project)).toEqual(before);
  await rm(join(project.private, "catalog.json"));
  expect((await indexProject(project, { rebuild: true })).outcome).toBe("built");
  expect(await queries(project)).toEqual(before);
});

test("the catalog follows its files without being told", async () => {
  const at = await filled();
  expect((await indexProject(at.project)).outcome).toBe("built");
  expect((await indexProject(at.project)).outcome).toBe("fresh");
  await at.ingest(await at.write("more.jsonl", lines(many(3, 100))));
  const catalog = await openCatalog(at.project);
  const [row] = await catalog.rows<{ n: number }>("select count(*) as n from interactions");
  catalog.close();
  expect(row).toEqual({ n: 26 });
});

test("late feedback joins its interaction, out of order or before it, and the rest are orphans", async () => {
  const at = await testProject();
  const early = [about({ source_id: "3" }, { raw: 1 }), about({ interaction_id: "nobody" })];
  await at.ingest(await at.write("feedback.jsonl", lines(early)));
  await at.ingest(
    await at.write(
      "rows.jsonl",
      lines([asked("1"), asked("2", { feedback: [{ kind: "thumb", raw: true }] }), asked("3")]),
    ),
  );
  const late = [
    about(
      { source_id: "2", format: "workbench" },
      { kind: "correction", corrected_text: "better", occurred_at: "2026-11-21T00:00:00Z" },
    ),
    about({ trace_id: "trace-1" }, { raw: 4 }),
    about({ conversation_id: "c1" }, { kind: "abandonment" }),
  ];
  await at.ingest(await at.write("late.jsonl", lines(late)));
  const rows = new Map(
    (await at.rows()).map((row) => [row.source_id, row.feedback.map(({ kind, value }) => [kind, value])]),
  );
  expect(rows.get("1")).toEqual([["rating", 0.5]]);
  // 10:00:02.5 is after the second question and before the third.
  expect(rows.get("2")).toEqual([
    ["thumb", 1],
    ["abandonment", -0.8],
    ["correction", -0.5],
  ]);
  expect(rows.get("3")).toEqual([["rating", -1]]);
  const read = async (asOf: string): Promise<number> => {
    let signals = 0;
    for await (const row of readInteractions(at.project, { asOf })) signals += row.feedback.length;
    return signals;
  };
  expect(await read("2026-11-20T23:59:59Z")).toBe(4);
  expect(await read("2026-11-22T00:00:00Z")).toBe(5);
  const catalog = await openCatalog(at.project);
  const orphans = await catalog.rows("select kind from feedback where interaction_id is null");
  catalog.close();
  expect(orphans).toEqual([{ kind: "rating" }]);
});

test("rows come by row_key with times, lists and JSON as they went in", async () => {
  const at = await testProject();
  const record = asked("1", {
    params: { temperature: 0.1, nested: [1, { a: null }] },
    metadata: { big: "kept" },
    steps: [
      {
        n: 1,
        state: { s: 1 },
        action: "go",
        observation: null,
        reward: 0.5,
        occurred_at: "2026-11-20T10:00:01.000001Z",
      },
    ],
    context: [{ id: "d", text: "t", score: 0.25 }],
    tags: ["x", "y"],
    unknown_member: { kept: true },
  });
  await at.ingest(await at.write("a.jsonl", lines([record, asked("2"), asked("3")])));
  const rows = await at.rows();
  expect(rows.map((row) => row.row_key)).toEqual(rows.map((row) => row.row_key).sort());
  expect(rows.find((row) => row.source_id === "1")).toMatchObject({
    started_at: "2026-11-20T10:00:01.000000Z",
    params: { temperature: 0.1, nested: [1, { a: null }] },
    steps: [{ occurred_at: "2026-11-20T10:00:01.000001Z", action: "go", reward: 0.5 }],
    context: [{ id: "d", text: "t", score: 0.25 }],
    tags: ["x", "y"],
    extra: { unknown_member: { kept: true } },
    format: "workbench",
  });
  expect(isoText("2026-01-01 00:00:00.5+00")).toBe("2026-01-01T00:00:00.500000Z");
});

test("SQL reaches neither files nor network nor settings, and cannot write", async () => {
  const { project } = await filled();
  const catalog = await openCatalog(project);
  const probes = [
    "from read_text('/etc/hostname')",
    `from read_text('${project.private}/interactions/../../workbench.config.yaml')`,
    "copy (select 1) to '/tmp/wb-out.csv'",
    `copy (select 1) to '${project.root}/out.csv'`,
    "attach '/tmp/wb-other.duckdb' as other",
    "install httpfs",
    "load httpfs",
    "from read_csv('http://127.0.0.1:9/x.csv')",
    "set enable_external_access = true",
    "set memory_limit = '64GB'",
    "drop table imports",
    "create table evil as select 1",
    "from glob('/etc/*')",
  ];
  for (const sql of probes) await expect(catalog.rows(sql), sql).rejects.toThrow();
  catalog.close();
});

test("a damaged manifest, sample line or segment is exit 6", async () => {
  const at = await filled();
  const copyOf = async (name: string): Promise<TestProject> => {
    const other = await testProject();
    await cp(at.project.root, other.project.root, { recursive: true });
    await rm(join(other.project.private, "catalog.json"), { force: true });
    return { ...other, write: async () => name };
  };
  const samples = await copyOf("samples");
  await appendFile(join(samples.project.runs, "0123456789ab", "samples.jsonl"), "{}\n");
  await expect(queries(samples.project)).rejects.toMatchObject({ exitCode: 6 });
  const manifest = await copyOf("manifest");
  const [file] = (await manifest.digests()).filter((line) => line.includes("manifest.json"));
  const path = join(manifest.project.private, "interactions", file?.split(" ")[0] ?? "");
  await writeFile(path, (await readFile(path, "utf8")).replace('"counts"', '"count"'));
  await expect(queries(manifest.project)).rejects.toMatchObject({ code: "WB_INTEGRITY" });
});

test("every flipped byte of a segment is refused before a row is read", async () => {
  const at = await filled();
  const [file] = (await at.digests()).filter((line) => line.includes("rows.parquet"));
  const path = join(at.project.private, "interactions", file?.split(" ")[0] ?? "");
  const intact = await readFile(path);
  const flips = Number(process.env["WB_FLIPS"] ?? 100);
  for (let n = 0; n < flips; n++) {
    const bytes = Buffer.from(intact);
    bytes[Math.floor((n * bytes.length) / flips)]! ^= 1 << (n % 8);
    await writeFile(path, bytes);
    await expect(at.rows()).rejects.toMatchObject({ code: "WB_INTEGRITY" });
  }
  await writeFile(path, intact);
  expect((await at.rows()).length).toBe(23);
});

test("a reader beside another one that builds the catalog waits for it, and both read the same", async () => {
  const { project } = await filled();
  const reports = await Promise.all([1, 2, 3].map(() => indexProject(project)));
  expect(reports.map(({ outcome }) => outcome).sort()).toEqual(["built", "fresh", "fresh"]);
  for (const { tables } of reports) expect(tables).toMatchObject({ interactions: 23, feedback: 2 });
});

test("an interaction's day is its date in UTC, that of its end where no start is known", async () => {
  const at = await testProject();
  const times = [
    { started_at: "2026-11-20T23:59:59.999999Z", ended_at: "2026-11-21T00:00:01Z" },
    { started_at: "2026-11-20T23:30:00-02:00" },
    { started_at: null, ended_at: "1969-12-31T23:59:59Z" },
    { started_at: null },
  ];
  await at.ingest(await at.write("a.jsonl", lines(times.map((more, n) => asked(`${n}`, more)))));
  const catalog = await openCatalog(at.project);
  const rows = await catalog.rows(
    "select source_id, day::varchar as day from interactions order by source_id",
  );
  catalog.close();
  expect(rows).toEqual([
    { source_id: "0", day: "2026-11-20" },
    { source_id: "1", day: "2026-11-21" },
    { source_id: "2", day: "1969-12-31" },
    { source_id: "3", day: null },
  ]);
});
