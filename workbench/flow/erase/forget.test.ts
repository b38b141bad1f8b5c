import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../../catalog/database.ts";
import { erasureMarker, readTombstones } from "../../catalog/tombstones.ts";
import { listImports } from "../../catalog/segments.ts";
import { curate } from "../../curate/curate.ts";
import { listVersions } from "../../curate/versions.ts";
import { FAULT_MODES, Killed, faulty } from "../../ingest/testing/faulty.ts";
import type { TestProject } from "../../ingest/testing/project.ts";
import { KEY, still, testProject } from "../../ingest/testing/project.ts";
import { userKey } from "../../redact/pseudonym.ts";
import { Config } from "../../schema/config.ts";
import type { Effects } from "../../store/effects.ts";
import { projectAt } from "../../store/paths.ts";
import { forget } from "./forget.ts";
import type { ForgetReport } from "./forget.ts";
import { needlesOf } from "./needles.ts";

const PLANTED = "maria.keller-4711";
const SECRET = "my late father's pension file is still with the tax office in Ulm";
const config = Config.parse({ schema: "workbench/config@1", project: "test" });
const DEFINITION = `schema: workbench/dataset-definition@1
kind: sft
seed: 7
sources: [{ labels: [desk] }]
score: { explicit: 0.7, implicit: 0.3, length: 0, context: 0, missing: reweight }
filters: { scoreAbove: null, response: { min: 1, max: 20 } }
split: { train: 0.6, val: 0.2, test: 0.2, maxComponent: 0.5 }
`;

const record = (n: number, user: string, text: string): object => ({
  schema: "workbench/interaction@1",
  source_id: `r${n}`,
  user_key: user,
  started_at: new Date(1763596800000 + n * 1000).toISOString(),
  messages: [{ role: "user", content: text }],
  output: [{ role: "assistant", content: `Noted, case ${n} is open.`, finish_reason: "stop" }],
  feedback: [{ kind: "rating", raw: 5 }],
});

/** Forty people's logs, one of them the planted user: in rows, in quarantine, and named by somebody else. */
async function planted(count = 40): Promise<{ at: TestProject; log: string }> {
  const at = await testProject();
  const records = Array.from({ length: count }, (_, n) =>
    n % 10 === 3 ? record(n, PLANTED, `${SECRET}, part ${n}`) : record(n, `user-${n}`, `where is parcel number ${n} of mine`),
  ); // prettier-ignore
  const broken = `{"user":"${PLANTED}","text":"${SECRET}", oops`;
  const log = `${records.map((line) => JSON.stringify(line)).join("\n")}\n${broken}\n`;
  const path = await at.write(`../${basename(at.project.root)}.log.jsonl`, log);
  await at.ingest(path, { label: "desk", keepRaw: true });
  return { at, log: path };
}

const erase = (at: TestProject, more: { yes?: boolean; effects?: Effects } = {}): Promise<ForgetReport> =>
  forget(
    { project: at.project, config, user: PLANTED, key: KEY, yes: more.yes ?? true },
    more.effects ?? still,
  );

/** Every byte of the project, Parquet unpacked: what an auditor with a shell would search. */
async function everything(root: string): Promise<string> {
  const db = await openDatabase({ allowed: [root], temporary: join(tmpdir(), `wb-audit-${process.pid}`) });
  const parts: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (path.endsWith(".parquet"))
      parts.push(JSON.stringify(await db.rows("select to_json(r)::varchar as j from read_parquet($path) as r", { path })));
    parts.push(await readFile(path, "latin1"));
  } // prettier-ignore
  db.close();
  return parts.join("\n");
}

test("ingest, curate, forget: no byte of the person is left, what was built on them is marked, the sums hold", { timeout: 60_000 }, async () => {
  const { at, log } = await planted();
  const { project } = at;
  await mkdir(project.datasets, { recursive: true });
  await writeFile(join(project.datasets, "tickets.dataset.yaml"), DEFINITION);
  const dataset = await curate({ project, definition: "tickets" }, still);
  await plantDerived(at, dataset.digest);
  const token = userKey(PLANTED, KEY) ?? "";
  expect(await everything(project.root)).toContain(token);
  const ids = (await at.rows()).filter((row) => row.user_key === token).map((row) => row.interaction_id);
  expect(ids).toHaveLength(4);

  const before = await at.digests();
  const dry = await erase(at, { yes: false });
  expect(dry).toMatchObject({ done: false, rows: 4, datasets: [dataset.ref], left: null });
  expect(dry.caches).toEqual([".workbench/responses/a.log"]);
  expect(await at.digests()).toEqual(before);

  const report = await erase(at);
  expect(report).toMatchObject({ done: true, rows: 4, raw: 5, left: [], foreign: [] });
  const bytes = await everything(project.root);
  for (const trace of [token, token.slice(1, -1), PLANTED, SECRET, ...ids]) expect(bytes).not.toContain(trace);

  expect(await at.rows()).toHaveLength(36);
  const [manifest] = await listImports(project);
  expect(manifest?.counts).toMatchObject({ read: 41, stored: 36, known: 4, erased: 4, quarantined: 1 });
  expect(await listVersions(project)).toEqual([]);
  expect(await erasureMarker(join(project.root, "datasets", dataset.ref))).toMatchObject({ erasures: [{ held: true }] });
  // The adapter by its dataset, the evaluation by its adapter; a run on something else is left alone.
  for (const [run, isMarked] of [["train1", true], ["eval1", true], ["other", false]] as const)
    expect((await erasureMarker(join(project.runs, run))) !== null, run).toBe(isMarked);
  expect(await readFile(join(project.runs, "eval1", "samples.jsonl"), "utf8")).toBe('{"input":"kept"}\n');

  // The same log again is the same import; renamed and longer, its erased records are known.
  expect((await at.ingest(log, { label: "desk" })).sources[0]?.outcome).toBe("unchanged");
  const longer = `${JSON.stringify(record(99, PLANTED, "I am back with another question"))}\n${await readFile(log, "utf8")}`;
  const again = await at.ingest(await at.write("other.jsonl", longer), { label: "desk" });
  expect(again.sources[0]?.counts).toMatchObject({ read: 42, stored: 0, known: 41, erased: 5, quarantined: 1 });
  await rm(join(project.root, "other.jsonl"));
  const rebuilt = await curate({ project, definition: "tickets" }, still);
  expect(rebuilt.ref).not.toBe(dataset.ref);
  expect((await erase(at)).left).toEqual([]);
  await rm(log);
}); // prettier-ignore

/** A cache, an adapter on the dataset, its evaluation, a page and an unrelated run. */
async function plantDerived({ project }: TestProject, digest: string): Promise<void> {
  const put = async (path: string, text: string): Promise<void> => {
    const full = join(project.root, path);
    await mkdir(join(full, ".."), { recursive: true });
    await writeFile(full, text);
  };
  await put(".workbench/responses/a.log", `k1 {"request":"${SECRET}, part 3"}\nk2 {"request":"else"}\n`);
  await put("runs/train1/manifest.json", `{"dataset":{"digest":"${digest}"}}`);
  await put("runs/eval1/manifest.json", '{"arm":{"run":"train1"}}');
  await put("runs/eval1/samples.jsonl", `{"input":"${SECRET}, part 13"}\n{"input":"kept"}\n`);
  await put("runs/other/manifest.json", "{}");
  await put("dist/index.html", `<p>${SECRET}, part 3</p>`);
}

test("what the workbench did not write is reported, not touched", async () => {
  const { at, log } = await planted(10);
  await at.write("notes.md", `${PLANTED} called`);
  const report = await erase(at);
  expect(report).toMatchObject({ foreign: ["notes.md"], left: ["notes.md"] });
  expect(await readFile(join(at.project.root, "notes.md"), "utf8")).toContain(PLANTED);
  await rm(log);
});

test("a row of somebody else that names the person keeps its place, without the name", async () => {
  const at = await testProject();
  const token = userKey(PLANTED, KEY) ?? "";
  const records = [record(1, PLANTED, "hello there"), record(2, "user-2", `is ${token} my colleague?`)];
  const log = await at.write("a.jsonl", records.map((line) => JSON.stringify(line)).join("\n") + "\n");
  await at.ingest(log);
  await rm(log);
  const before = (await at.rows()).find((row) => row.source_id === "r2");
  expect(await erase(at)).toMatchObject({ rows: 1, left: [] });
  const [after, ...rest] = await at.rows();
  expect(rest).toEqual([]);
  const expected = JSON.stringify({ ...before, import_id: after?.import_id }).replace(token, "[erased]");
  expect(JSON.stringify(after)).toBe(expected);
});

test("a person whose id is a number, or the name of a column, takes nothing of others along", async () => {
  for (const user of ["1763596802", "tool_calls"]) {
    const at = await testProject();
    const other = { ...record(2, "user-2", `not ${user} but me`), metadata: { ref: 1763596802, tool_calls: 1 }, latency_ms: 1763596802 };
    const log = await at.write("a.jsonl", [record(1, user, "hello there"), other].map((one) => `${JSON.stringify(one)}\n`).join(""));
    await at.ingest(log);
    await rm(log);
    const report = await forget({ project: at.project, config, user, key: KEY, yes: true }, still);
    expect(report).toMatchObject({ rows: 1, left: [] });
    const [row, ...rest] = await at.rows();
    expect(rest).toEqual([]);
    expect(row).toMatchObject({ source_id: "r2", latency_ms: 1763596802, output: [{ content: "Noted, case 2 is open." }] });
    expect(row?.messages[0]?.content).toBe("not [erased] but me");
    expect(JSON.stringify(row?.metadata)).not.toContain(user);
  }
}); // prettier-ignore

test(
  "killed or failing at any point, and run again: the person is gone and the sums hold",
  { timeout: 240_000 },
  async () => {
    const modes = process.env["WB_TEST_DEPTH"] === "full" ? FAULT_MODES : (["torn"] as const);
    const step = process.env["WB_TEST_DEPTH"] === "full" ? 1 : 3;
    const { at: ready, log } = await planted(4);
    await rm(log);
    for (const mode of modes)
      for (let strike = 1; ; strike += step) {
        const root = `${ready.project.root}-${mode}-${strike}`;
        await cp(ready.project.root, root, { recursive: true });
        const project = projectAt(root);
        const again = (effects: Effects): Promise<ForgetReport> =>
          forget({ project, config, user: PLANTED, key: KEY, yes: true }, effects);
        const { effects, passed } = faulty(still, strike, mode);
        await again(effects).catch((error: unknown) => {
          if (!(error instanceof Killed))
            expect(error, `${mode} at ${strike}`).toMatchObject({ code: mode.toUpperCase() });
        });
        // The dead process's lock names us, who live: whoever comes next must see it as gone.
        expect((await again({ ...still, kill: () => false })).left, `${mode} at ${strike}`).toEqual([]);
        const [manifest, ...others] = await listImports(project);
        expect(others).toEqual([]);
        const counts = { read: 5, stored: 3, known: 1, quarantined: 1 };
        expect(manifest?.counts, `${mode} at ${strike}`).toMatchObject(counts);
        expect((await readTombstones(project))[0]?.finishedAt, `${mode} at ${strike}`).not.toBeNull();
        await rm(root, { recursive: true });
        if (passed() < strike) break;
      }
  },
);

test("the search finds what a plain search finds", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", '"', "\n"), maxLength: 40 });
  fc.assert(
    fc.property(fc.array(text.filter((one) => one !== ""), { maxLength: 4 }), text, (needles, hay) => {
      expect(needlesOf(needles).isIn(Buffer.from(hay))).toBe(needles.some((one) => spellings(one).some((s) => hay.includes(s))));
    }),
    { numRuns: 2000 },
  ); // prettier-ignore
});

test("what is taken out of a text is what taking each needle out would leave, the longest first", () => {
  const text = fc.string({ unit: fc.constantFrom("x", "y", "é", '"'), minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), fc.array(text, { maxLength: 5 }), (needles, hay) => {
      const whole = [...hay, ...needles].join(" ");
      const longestFirst = [...new Set(needles.flatMap(spellings))].sort((a, b) => b.length - a.length);
      const expected = longestFirst.reduce((rest, one) => rest.replaceAll(one, "[erased]"), whole);
      expect(needlesOf(needles).without(whole)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

function spellings(text: string): readonly string[] {
  const once = JSON.stringify(text).slice(1, -1);
  return [text, once, JSON.stringify(once).slice(1, -1)];
}
