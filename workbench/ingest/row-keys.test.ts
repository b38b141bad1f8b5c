import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../catalog/database.ts";
import { importFolder } from "../catalog/segments.ts";
import { seeded } from "../stats/random.ts";
import type { Effects } from "../store/effects.ts";
import { chatRecord, lines, many, still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const cacheOf = (at: TestProject): string => join(at.project.private, "row-keys.duckdb");

/** Real effects that count how many times a row file of the store is hashed. */
function counting(): { effects: Effects; hashed: () => number } {
  let hashed = 0;
  const stream: Effects["stream"] = (path, range) => {
    if (path.endsWith(".parquet")) hashed++;
    return still.stream(path, range);
  };
  return { effects: { ...still, stream }, hashed: () => hashed };
}

test("what is stored is known from the cache, without it from the segments, with the same outcome", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines(many(20))));
  await at.ingest(await at.write("b.jsonl", lines(many(20, 20))));
  const mixed = lines([...many(5), chatRecord("new"), ...many(5, 30)]);
  const { effects, hashed } = counting();
  const path = await at.write("c.jsonl", mixed);
  expect((await at.ingest(path, {}, effects)).totals).toMatchObject({ stored: 1, known: 10 });
  // Only the new segment, for its manifest.
  expect(hashed()).toBe(1);
  const digests = await at.digests();
  const [made] = (await at.ingest(path)).sources;
  await rm(importFolder(at.project, made?.import ?? ""), { recursive: true });
  await rm(cacheOf(at));
  expect((await at.ingest(path)).totals).toMatchObject({ stored: 1, known: 10 });
  expect(await at.digests()).toEqual(digests);
});

test("a cache that is behind or ahead of the store is brought to it", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines(many(10))));
  await copyFile(cacheOf(at), `${cacheOf(at)}.old`);
  const [second] = (await at.ingest(await at.write("b.jsonl", lines(many(10, 10))))).sources;
  await copyFile(cacheOf(at), `${cacheOf(at)}.new`);
  // Killed after the import and before its keys were noted.
  await copyFile(`${cacheOf(at)}.old`, cacheOf(at));
  expect((await at.ingest(await at.write("c.jsonl", lines(many(12, 9))))).totals).toMatchObject({
    stored: 1,
    known: 11,
  });
  // Restored from a copy that did not have the second import: its rows are not known any more.
  await rm(importFolder(at.project, second?.import ?? ""), { recursive: true });
  await copyFile(`${cacheOf(at)}.new`, cacheOf(at));
  expect((await at.ingest(await at.write("d.jsonl", lines(many(4, 8))))).totals).toMatchObject({
    stored: 2,
    known: 2,
  });
});

test("an import of the same id with fewer rows is another: its keys are read again", async () => {
  const at = await testProject();
  const both = lines(many(6));
  const [first] = (await at.ingest(await at.write("a.jsonl", lines(many(3))))).sources;
  const path = await at.write("b.jsonl", lines([chatRecord("x")]) + both);
  const [second] = (await at.ingest(path)).sources;
  expect(second?.counts).toMatchObject({ stored: 4, known: 3 });
  await copyFile(cacheOf(at), `${cacheOf(at)}.old`);
  for (const id of [first?.import, second?.import])
    await rm(importFolder(at.project, id ?? ""), { recursive: true });
  const [again] = (await at.ingest(path)).sources;
  expect(again).toMatchObject({ import: second?.import, counts: { stored: 7, known: 0 } });
  await copyFile(`${cacheOf(at)}.old`, cacheOf(at));
  expect((await at.ingest(await at.write("c.jsonl", lines(many(7))))).totals).toMatchObject({
    stored: 1,
    known: 6,
  });
});

test("a flipped bit anywhere in the cache loses and doubles no row", { timeout: 60_000 }, async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines(many(300))));
  const whole = await readFile(cacheOf(at));
  const random = seeded("rotten");
  for (let round = 0; round < 12; round++) {
    const bytes = Buffer.from(whole);
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    await writeFile(cacheOf(at), bytes);
    await rm(`${cacheOf(at)}.wal`, { force: true });
    const path = await at.write("b.jsonl", lines([...many(100, 10 * round), chatRecord(`new ${round}`)]));
    const attempt = () => at.ingest(path);
    // Either the damage does not matter, or the first attempt says so and the next one starts anew.
    const report = await attempt().catch((error: unknown) => {
      expect(error).toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
      return attempt();
    });
    expect(report.totals, `round ${round}`).toMatchObject({ read: 101, stored: 1, known: 100 });
  }
});

test("the keys are held in a table of their own, each once", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines([...many(5), ...many(5)])));
  await at.ingest(await at.write("b.jsonl", lines(many(8))));
  const db = await openDatabase({ path: cacheOf(at), readOnly: true, allowed: [], temporary: at.project.private });
  const [row] = await db.rows<{ keys: number; imports: number }>(
    "select count(*) as keys, count(distinct import_id) as imports from keys",
  );
  db.close();
  expect(row).toEqual({ keys: 8, imports: 2 });
}); // prettier-ignore
