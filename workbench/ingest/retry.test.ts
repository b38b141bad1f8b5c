import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openCatalog } from "../catalog/catalog.ts";
import { Config } from "../schema/config.ts";
import { retry } from "./retry.ts";
import type { RetryRequest } from "./retry.ts";
import { KEY, still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const mapping = (roles: string): string => `schema: workbench/mapping@1
name: desk
conversation: $.dialogue
message: { role: $.speaker, content: $.text }
roles: { ${roles} }
row: { source_id: $.id }
`;
const OLD = mapping("agent: assistant, customer: user");
const NEW = mapping("agent: assistant, customer: user, bot: assistant");

const record = (id: number, speaker: string): string =>
  JSON.stringify({
    id: `t${id}`,
    dialogue: [
      { speaker: "customer", text: `q ${id}` },
      { speaker, text: "a" },
    ],
  });
const TEXT =
  [
    record(1, "agent"),
    record(2, "bot"),
    "\ufeff" + record(3, "bot") + "\r",
    "broken {",
    record(4, "agent"),
    record(5, "wizard"),
  ].join("\n") + "\n";
const CSV = "id,speaker\n1,agent\n2\n3,bot\n";

async function again(
  at: TestProject,
  files: readonly string[],
  more: Partial<RetryRequest> = {},
  request: object = {},
) {
  const config = Config.parse({ schema: "workbench/config@1", project: "test" });
  const map = await at.write("desk.mapping.yaml", NEW);
  const all = { project: at.project, config, key: KEY, mapping: map, ...request };
  return retry({ request: all, files, ...more }, still);
}

async function quarantine(at: TestProject): Promise<readonly string[]> {
  const catalog = await openCatalog(at.project);
  const rows = await catalog.rows<{ line: number; reason: string }>(
    "select line::integer as line, reason from quarantine order by line",
  );
  catalog.close();
  return rows.map(({ line, reason }) => `${line} ${reason}`);
}

for (const [name, pack] of [
  ["a.jsonl", (text: string) => text],
  ["a.jsonl.gz", gzipSync],
] as const)
  test(`after a mapping is mended only the quarantined records of ${name} are read, under their old lines`, async () => {
    const at = await testProject();
    const path = await at.write(name, pack(TEXT));
    const first = await at.ingest(path, { mapping: await at.write("desk.mapping.yaml", OLD) });
    expect(first.totals).toMatchObject({ read: 6, stored: 2, quarantined: 4 });
    expect(await quarantine(at)).toEqual([
      "2 unknown_role",
      "3 unknown_role",
      "4 json_invalid",
      "6 unknown_role",
    ]);
    const [report] = await again(at, [path]);
    expect(report?.totals).toEqual({ read: 4, stored: 2, known: 0, quarantined: 2, blank: 0 });
    const rows = [...(await at.rows())].sort((a, b) => a.line_no - b.line_no);
    expect(rows.map(({ line_no, source_id }) => [line_no, source_id])).toEqual([
      [1, "t1"],
      [2, "t2"],
      [3, "t3"],
      [5, "t4"],
    ]);
    expect(await quarantine(at)).toEqual(["4 json_invalid", "6 unknown_role"]);
    if (name === "a.jsonl")
      for (const { byte_offset, byte_length, source_id } of rows)
        expect((await readFile(path)).subarray(byte_offset, byte_offset + byte_length).toString()).toContain(
          String(source_id),
        );
    const before = await at.digests();
    expect((await again(at, [path]))[0]?.sources[0]?.outcome).toBe("unchanged");
    expect(await at.digests()).toEqual(before);
  });

test("a record that is corrected by hand later is known by then, and --again replaces what a retry made", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", TEXT);
  const old = await at.write("old.yaml", OLD);
  await at.ingest(path, { mapping: old });
  await again(at, [path]);
  const map = await at.write("new.yaml", NEW);
  const whole = await at.ingest(path, { mapping: map, again: true });
  expect(whole.totals).toMatchObject({ read: 6, stored: 4, known: 0, quarantined: 2 });
  expect((await at.rows()).length).toBe(4);
  expect(await quarantine(at)).toEqual(["4 json_invalid", "6 unknown_role"]);
});

test("a sheet is read through; what cannot be read again keeps its reason", async () => {
  const at = await testProject();
  const path = await at.write("a.csv", CSV);
  const sheet = (extra: string): string =>
    `schema: workbench/mapping@1\nname: sheet\nrow:\n  source_id: $.id\n  messages: [{ role: { path: $.speaker, map: { agent: user${extra} } }, content: x }]\n`;
  const first = await at.ingest(path, { mapping: await at.write("s.yaml", sheet("")) });
  expect(first.totals).toMatchObject({ read: 3, stored: 1, quarantined: 2 });
  const mended = await at.write("s.yaml", sheet(", bot: user"));
  const [report] = await again(at, [path], {}, { mapping: mended });
  expect(report?.totals).toMatchObject({ read: 2, stored: 1, quarantined: 1 });
  expect(await quarantine(at)).toEqual(["3 row_malformed"]);
});

test("another file, or an import without quarantine, is refused", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", TEXT);
  await at.ingest(path, { mapping: await at.write("old.yaml", OLD) });
  await expect(again(at, [path], { import: "other" })).rejects.toMatchObject({ code: "WB_SOURCE_INVALID" });
  await writeFile(path, TEXT.replace("t1", "x1"));
  await expect(again(at, [path])).rejects.toMatchObject({ code: "WB_SOURCE_INVALID", exitCode: 2 });
});
