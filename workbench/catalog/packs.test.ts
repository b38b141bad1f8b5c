import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forget } from "../flow/erase/forget.ts";
import { FAULT_MODES, Killed, faulty } from "../ingest/testing/faulty.ts";
import { KEY, chatRecord, lines, still, testProject } from "../ingest/testing/project.ts";
import type { TestProject } from "../ingest/testing/project.ts";
import { userKey } from "../redact/pseudonym.ts";
import { Config } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { openCatalog } from "./catalog.ts";
import { catalogPath, indexProject } from "./index-project.ts";
import { packSegments } from "./pack-segments.ts";
import { coveredBy, filesToRead, packsFolder, usablePacks } from "./packs.ts";
import { importsFolder, listImports } from "./segments.ts";

const FEW = { atLeast: 3, smallBytes: 1 << 20, fullBytes: 1 << 28 };

/** As many imports of two calls each, and one of feedback about some of them. */
async function imported(count: number, at?: TestProject, from = 0): Promise<TestProject> {
  const place = at ?? (await testProject());
  const about = {
    schema: "workbench/feedback@1",
    target: { source_id: `r${from}-a` },
    kind: "rating",
    raw: 5,
  };
  const paths = [await place.write(`feedback-${from}.jsonl`, lines([about]))];
  for (let n = from; n < from + count; n++) {
    const records = [chatRecord(`r${n}-a`, `question ${n}`), chatRecord(`r${n}-b`)];
    paths.push(await place.write(`${n}.jsonl`, lines(records)));
  }
  await place.ingest(paths);
  return place;
}

const packed = async ({ project }: TestProject, effects: Effects = realEffects): Promise<void> =>
  packSegments(project, await listImports(project), effects, FEW);

const sizes = async ({ project }: TestProject): Promise<readonly number[]> =>
  (await usablePacks(project, await listImports(project), realEffects)).map((pack) => coveredBy(pack).length);

/** Every row that there is, as queries and as readers see it. */
async function answers(at: TestProject): Promise<unknown> {
  const catalog = await openCatalog(at.project);
  try {
    const all = ["interactions", "feedback", "rows", "feedback_rows", "imports"];
    const tables = all.map((name) => catalog.rows(`select * from ${name} order by all`));
    return [await at.rows(), ...(await Promise.all(tables))];
  } finally {
    catalog.close();
  }
}

test("queries give the same rows from packs, from segments and from both", async () => {
  const at = await imported(4);
  const before = await answers(at);
  await packed(at);
  expect(await sizes(at)).toEqual([5]);
  const read = await filesToRead(at.project, await listImports(at.project));
  expect(read).toMatchObject({ packed: 5, rows: { length: 1 }, feedback: { length: 1 } });
  expect(await answers(at)).toEqual(before);
  await imported(1, at, 10);
  const more = await answers(at);
  expect(await filesToRead(at.project, await listImports(at.project))).toMatchObject({ rows: { length: 2 } });
  await rm(packsFolder(at.project), { recursive: true });
  expect(await answers(at)).toEqual(more);
});

test("a pack is written into the next one when twice as many have come: few packs, and no row twice", async () => {
  const at = await imported(3);
  const held: (readonly number[])[] = [];
  for (let n = 1; n <= 4; n++) {
    await packed(at);
    held.push(await sizes(at));
    await imported(2, at, 10 * n);
  }
  expect(held).toEqual([[4], [7], [7, 3], [13]]);
  const rows = await at.rows();
  expect(rows.length).toBe(new Set(rows.map((row) => row.row_key)).size);
  expect(rows.length).toBe(2 * (3 + 4 * 2));
});

test("indexing makes packs by itself once there are enough imports, and says how many they hold", async () => {
  const at = await imported(31);
  expect(await indexProject(at.project)).toMatchObject({ imports: 32, packed: 32, outcome: "built" });
  expect(await indexProject(at.project)).toMatchObject({ imports: 32, packed: 32, outcome: "fresh" });
  await imported(1, at, 50);
  expect(await indexProject(at.project)).toMatchObject({ imports: 34, packed: 32 });
  const [pack = ""] = await readdir(packsFolder(at.project));
  expect(await indexProject(at.project, { rebuild: true })).toMatchObject({ packed: 34 });
  expect(await readdir(packsFolder(at.project))).not.toContain(pack);
});

test("a damaged pack is passed over, and the catalog that reads it is built again", async () => {
  const at = await imported(3);
  await packed(at);
  const asked = async (): Promise<unknown> => {
    const catalog = await openCatalog(at.project);
    const rows = await catalog.rows("select * from rows order by all");
    catalog.close();
    return rows;
  };
  const before = await asked();
  const [pack = ""] = await readdir(packsFolder(at.project));
  for (const name of ["rows.parquet", "pack.json"]) {
    const path = join(packsFolder(at.project), pack, name);
    const intact = await readFile(path);
    const bytes = Buffer.from(intact);
    bytes[Math.floor(0.3 * bytes.length)]! ^= 4;
    await writeFile(path, bytes);
    expect(await asked(), name).toEqual(before);
    await rm(path);
    expect(await asked(), `without ${name}`).toEqual(before);
    await writeFile(path, intact);
  }
});

test("what is in quarantine is checked in its import, packed or not", async () => {
  const at = await testProject();
  for (const name of ["a", "b", "c"])
    await at.ingest(await at.write(`${name}.jsonl`, `${lines([chatRecord(name)])}broken ${name}\n`));
  await packed(at);
  const count = "select count(*) as n from quarantine";
  const catalog = await openCatalog(at.project);
  expect(await catalog.rows(count)).toEqual([{ n: 3 }]);
  catalog.close();
  const [file = ""] = (await at.digests()).filter((line) => line.includes("quarantine.jsonl"));
  const path = join(importsFolder(at.project), file.split(" ")[0] ?? "");
  await writeFile(path, (await readFile(path, "utf8")).replace("broken", "broke"));
  await expect(openCatalog(at.project)).rejects.toMatchObject({ code: "WB_INTEGRITY" });
});

test("a pack of an import that was replaced is not read any more", async () => {
  const at = await imported(3);
  await packed(at);
  await at.ingest(join(at.project.root, "1.jsonl"), { again: true, key: Buffer.alloc(32, 9) });
  expect(await sizes(at)).toEqual([]);
  expect((await at.rows()).length).toBe(6);
  await packed(at);
  expect(await sizes(at)).toEqual([4]);
  expect((await at.rows()).length).toBe(6);
});

test("who is erased is erased from the packs, too, and from what a killed build left", async () => {
  const at = await imported(3);
  await packed(at);
  await openCatalog(at.project).then((catalog) => catalog.close());
  const left = join(at.project.private, "catalog-0123456789ab");
  await at.write(".workbench/catalog-0123456789ab", userKey("user-r1-a", KEY) ?? "");
  const config = Config.parse({ schema: "workbench/config@1", project: "test" });
  for (const name of ["0", "1", "2"]) await rm(join(at.project.root, `${name}.jsonl`));
  const report = await forget({ project: at.project, config, user: "user-r1-a", key: KEY, yes: true }, still);
  expect(report).toMatchObject({ rows: 1, left: [], caches: [] });
  for (const path of [packsFolder(at.project), catalogPath(at.project), left])
    expect(await realEffects.stat(path), path).toBeNull();
  expect((await at.rows()).length).toBe(5);
  await packed(at);
  expect(await sizes(at)).toEqual([4]);
  expect((await at.rows()).length).toBe(5);
});

test("killed or failing at any point: no row is lost or doubled, and the next one makes the pack", { timeout: 120_000 }, async () => {
  const ready = await imported(3);
  await packed(ready);
  await imported(2, ready, 10);
  const expected = await ready.rows();
  const isFull = process.env["WB_TEST_DEPTH"] === "full";
  for (const mode of isFull ? FAULT_MODES : (["torn"] as const))
    for (let strike = 1; ; strike += isFull ? 1 : 2) {
      const place = await testProject(ready);
      const { effects, passed } = faulty(still, strike, mode);
      await packed(place, effects).catch((error: unknown) => {
        if (!(error instanceof Killed)) expect(error).toMatchObject({ code: mode.toUpperCase() });
      });
      expect(await place.rows(), `${mode} at ${strike}`).toEqual(expected);
      await packed(place);
      expect(await sizes(place), `${mode} at ${strike}`).toEqual([7]);
      expect(await place.rows(), `${mode} at ${strike}`).toEqual(expected);
      const folders = await readdir(packsFolder(place.project));
      expect(folders.every((name) => /^[0-9a-f]{32}$/.test(name)), `${mode} at ${strike}`).toBe(true);
      await rm(place.project.root, { recursive: true });
      if (passed() < strike) break;
    }
}); // prettier-ignore
