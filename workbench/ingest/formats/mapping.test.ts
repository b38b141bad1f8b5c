import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Config } from "../../schema/config.ts";
import { realEffects } from "../../store/effects.ts";
import { keyPath, workspaceKey } from "../key.ts";
import type { JsonRecord } from "../parse.ts";
import { lines, testProject } from "../testing/project.ts";
import { Mapping, mappingFormat } from "./mapping.ts";

const MAPPING = `
schema: workbench/mapping@1
name: our-desk
conversation: $.dialogue
message: { role: $.speaker, content: $.text }
roles: { agent: assistant, customer: user }
row:
  source_id: "desk/{$.ticket}/{$.attempt}"
  task_completed: { path: $.outcome, equals: solved }
  task_type: { path: $.queue, map: { B: billing, T: technical }, default: other }
  latency_ms: { path: [$.ms, $.seconds], scale: 1000 }
  tags: ["queue-{$.queue}", plain]
  context: { path: $.docs, each: { id: $.id, text: $.body } }
feedback:
  - { kind: rating, raw: $.stars, comment: $.remark }
keep: [$.debug]
drop: { $.html: it repeats the text }
`;
const record = {
  ticket: 7,
  attempt: 2,
  outcome: "solved",
  queue: "B",
  seconds: 1.5,
  stars: 4,
  remark: "ok",
  debug: { a: 1 },
  html: "<p>",
  strange: "kept",
  docs: [{ id: "d1", body: "text" }],
  dialogue: [
    { speaker: "customer", text: "q" },
    { speaker: "agent", text: "a" },
  ],
};

test("a mapping file makes rows, feedback and a report of what it does not name", async () => {
  const at = await testProject();
  const mapping = await at.write("desk.mapping.yaml", MAPPING);
  const bad = { ...record, dialogue: [{ speaker: "wizard", text: "x" }] };
  const report = await at.ingest(
    await at.write("a.jsonl", lines([record, bad, { ...record, ticket: 8, dialogue: "none" }])),
    { mapping },
  );
  expect(report.sources[0]).toMatchObject({
    format: "mapping:our-desk",
    counts: { read: 3, stored: 1, quarantined: 2 },
    reasons: { unknown_role: 1, wrong_shape: 1 },
  });
  expect(report.sources[0]?.lossy.map(({ path }) => path)).toContain("strange");
  const [row] = await at.rows();
  expect(row).toMatchObject({
    source_id: "desk/7/2",
    task_completed: true,
    task_type: "billing",
    latency_ms: 1500,
    tags: ["queue-B", "plain"],
    context: [{ id: "d1", text: "text", score: null }],
    messages: [{ role: "user", content: "q" }],
    output: [{ role: "assistant", content: "a" }],
    feedback: [{ kind: "rating", value: 0.5, comment: "ok" }],
    extra: { debug: { a: 1 }, strange: "kept" },
  });
  expect(JSON.stringify(row)).not.toContain("<p>");
});

test("what is no number is neither above a bound nor below it; objects in a text are their JSON", () => {
  const row = {
    task_completed: { path: "$.score", at_least: 0 },
    hallucination_detected: { path: "$.score", at_least: 0, default: false },
    agent: "desk {$.queue}",
  };
  const format = mappingFormat(
    Mapping.parse({ schema: "workbench/mapping@1", name: "m", row }),
    "0".repeat(64),
  );
  const told = (record: JsonRecord): unknown => format.map(record, () => undefined).interactions[0];
  expect(told({ score: "n/a", queue: { toString: 1 } })).toMatchObject({
    task_completed: null,
    hallucination_detected: false,
    agent: 'desk {"toString":1}',
  });
  expect(told({ score: "0.5", queue: "B" })).toMatchObject({ task_completed: true, agent: "desk B" });
});

test("explode makes a row of each element, numbered as parts of one record", async () => {
  const at = await testProject();
  const mapping = await at.write(
    "m.mapping.yaml",
    'schema: workbench/mapping@1\nname: calls\nexplode: $.calls\nmessages: $.q\noutput: $.a\nrow: { source_id: "{$.$.id}/{$.n}" }\n',
  );
  const report = await at.ingest(
    await at.write(
      "a.jsonl",
      lines(
        [
          {
            id: "s",
            calls: [
              { n: 1, q: "x", a: { role: "assistant", content: "y" } },
              { n: 2, q: "z", a: { role: "assistant", content: "w" } },
            ],
          },
        ].map((session) => ({
          ...session,
          calls: session.calls.map((call) => ({ ...call, q: [{ role: "user", content: call.q }] })),
        })),
      ),
    ),
    { mapping },
  );
  expect(report.sources[0]).toMatchObject({ interactions: 2, counts: { read: 1, stored: 1 } });
  const rows = await at.rows();
  expect(rows.map((row) => [row.source_id, row.part, row.output[0]?.content]).sort()).toEqual([
    ["s/1", 0, "y"],
    ["s/2", 1, "w"],
  ]);
});

test("a mistake in a mapping is refused with its line", async () => {
  const at = await testProject();
  const source = await at.write("a.jsonl", lines([record]));
  const refused = async (text: string): Promise<unknown> =>
    at.ingest(source, { mapping: await at.write("bad.mapping.yaml", text) }).catch((error: unknown) => error);
  expect(await refused(MAPPING.replace("$.dialogue", "$.[dialogue"))).toMatchObject({
    code: "WB_MAPPING_INVALID",
    where: expect.stringContaining(":4"),
  });
  expect(await refused(MAPPING.replace("equals: solved", "equal: solved"))).toMatchObject({
    code: "WB_MAPPING_INVALID",
    where: expect.stringMatching(/:9$/),
  });
  expect(await refused(MAPPING.replace("name: our-desk", "name: ../x"))).toMatchObject({
    code: "WB_MAPPING_INVALID",
  });
});

test("the workspace key is made once, for its owner only, and a variable overrides it", async () => {
  const at = await testProject();
  const env: Record<string, string> = { XDG_CONFIG_HOME: join(at.project.root, "config") };
  const effects = { ...realEffects, env: (name: string) => env[name] };
  const config = Config.parse({ schema: "workbench/config@1", project: "keyed" });
  const [first, second] = await Promise.all([workspaceKey(config, effects), workspaceKey(config, effects)]);
  expect(first.id).toBe(second.id);
  const path = keyPath("keyed", effects);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  env["WORKBENCH_KEY"] = "ab".repeat(32);
  expect((await workspaceKey(config, effects)).id).not.toBe(first.id);
  env["WORKBENCH_KEY"] = "short";
  await expect(workspaceKey(config, effects)).rejects.toMatchObject({ code: "WB_KEY_REFUSED", exitCode: 2 });
});

test("a record that explodes repeats what is short in every row, keeps what is long with the first, and has a limit", async () => {
  const at = await testProject();
  const mapping = await at.write(
    "calls.mapping.yaml",
    `schema: workbench/mapping@1
name: calls
explode: $.calls[]
row: { source_id: $.id, system: $.text, messages: [{ role: user, content: $.q }] }
`,
  );
  const calls = (name: string, count: number, text = ""): object[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${name}${n}`, q: "question", text }));
  const read = async (name: string, one: object): Promise<Awaited<ReturnType<typeof at.ingest>>> =>
    at.ingest(await at.write(name, lines([one])), { mapping });
  await read("short.jsonl", { calls: calls("a", 3), session: "short" });
  const long = await read("long.jsonl", { calls: calls("b", 4), session: "long ".repeat(2000) });
  expect(long.sources[0]?.lossy).toContainEqual({
    path: "extra",
    rows: 3,
    what: "long, kept with the first row of its record",
  });
  const kept = (await at.rows()).map(({ import_id, extra, part }) => [import_id, part, extra !== null]);
  const ofLong = kept.filter(([id]) => id === long.sources[0]?.import);
  expect(ofLong.map(([, part, has]) => [part, has]).sort()).toEqual([
    [0, true],
    [1, false],
    [2, false],
    [3, false],
  ]);
  expect(kept.filter(([id]) => id !== long.sources[0]?.import).map(([, , has]) => has)).toEqual([
    true,
    true,
    true,
  ]);
  const huge = await read("huge.jsonl", {
    calls: calls("c", 70, "x".repeat(1 << 20)),
  });
  expect(huge.sources[0]).toMatchObject({ counts: { read: 1, quarantined: 1 }, reasons: { too_long: 1 } });
});
