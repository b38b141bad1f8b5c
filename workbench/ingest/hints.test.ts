import { appendFile, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listImports } from "../catalog/segments.ts";
import { sha256 } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { lines, many, still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const LONG_AGO = new Date("2026-11-19T08:00:00Z");

/** Effects that count the bytes read from one file. */
function counting(path: string): { effects: Effects; bytes: () => number } {
  let bytes = 0;
  return {
    bytes: () => bytes,
    effects: {
      ...still,
      stream: async function* (from, range) {
        for await (const chunk of still.stream(from, range)) {
          if (from === path) bytes += chunk.byteLength;
          yield chunk;
        }
      },
    },
  };
}

/** A log of more than its two ends, written long ago and imported. */
async function imported(): Promise<{ at: TestProject; path: string; text: string }> {
  const at = await testProject();
  const text = lines(many(40).map((record, n) => ({ ...record, salt: `${n} `.repeat(40_000) })));
  expect(text.length).toBeGreaterThan(3 << 20);
  const path = await at.write("a.jsonl", text);
  await utimes(path, LONG_AGO, LONG_AGO);
  await at.ingest(path);
  return { at, path, text };
}

test("a file that looks as it did is not read again but for its ends; --verify reads all of it", async () => {
  const { at, path, text } = await imported();
  const hinted = counting(path);
  expect((await at.ingest(path, {}, hinted.effects)).sources[0]?.outcome).toBe("unchanged");
  expect(hinted.bytes()).toBe(2 << 20);
  const verified = counting(path);
  expect((await at.ingest(path, { verify: true }, verified.effects)).sources[0]?.outcome).toBe("unchanged");
  expect(verified.bytes()).toBeGreaterThanOrEqual(text.length);
});

test("another size, time, beginning or end is read whole; a change that shows in none needs --verify", async () => {
  const { at, path, text } = await imported();
  /** Changes a character of the first user's text behind a place. */
  const changedAfter = async (from: number, time: Date): Promise<void> => {
    const where = text.indexOf('"content":"', from) + 11;
    const bytes = Buffer.from(text);
    bytes[where] = bytes[where] === 0x30 ? 0x31 : 0x30;
    await writeFile(path, bytes);
    await utimes(path, time, time);
  };
  await changedAfter(text.length >> 1, LONG_AGO);
  expect((await at.ingest(path)).sources[0]?.outcome).toBe("unchanged");
  expect((await at.ingest(path, { verify: true })).totals).toMatchObject({ stored: 1, known: 39 });
  await changedAfter(0, LONG_AGO);
  expect((await at.ingest(path)).totals).toMatchObject({ stored: 1, known: 39 });
  await changedAfter(text.length >> 2, new Date("2026-11-19T09:00:00Z"));
  expect((await at.ingest(path)).totals).toMatchObject({ stored: 1, known: 39 });
});

test("of a large log that grows in one process only the tail and the ends are read; another file under its name is read whole", async () => {
  const at = await testProject();
  const salted = (count: number, from: number): string =>
    lines(many(count, from).map((record, n) => ({ ...record, salt: `${from + n} `.repeat(150_000) })));
  const path = await at.write("a.jsonl", salted(40, 10));
  await at.ingest(path);
  const whole = (await readFile(path)).length;
  expect(whole).toBeGreaterThan(1 << 24);
  const tail = lines(many(3, 60));
  for (const part of [tail.slice(0, 700), tail.slice(700)]) {
    await appendFile(path, part);
    const { effects, bytes } = counting(path);
    expect((await at.ingest(path, {}, effects)).sources[0]?.outcome).toBe("continued");
    if (part.endsWith("\n")) expect(bytes()).toBeLessThan(10 << 20);
    const digests = (await listImports(at.project)).map(({ source }) => source["fileSha256"]);
    expect(digests).toContain(sha256(await readFile(path)));
  }
  expect((await at.rows()).length).toBe(43);
  await rename(path, `${path}.1`);
  await writeFile(path, `${salted(41, 10)}${lines(many(1, 90))}`);
  const { effects, bytes } = counting(path);
  await at.ingest(path, {}, effects);
  expect(bytes()).toBeGreaterThan(whole);
  expect((await at.rows()).length).toBe(45);
});

test("a damaged cache of hints, or none, costs a hash and nothing else", async () => {
  const { at, path } = await imported();
  const cache = join(at.project.private, "ingest-hints.json");
  expect(await readFile(cache, "utf8")).not.toContain("a.jsonl");
  await writeFile(cache, '{"files":');
  const { effects, bytes } = counting(path);
  expect((await at.ingest(path, {}, effects)).sources[0]?.outcome).toBe("unchanged");
  expect(bytes()).toBeGreaterThan(3 << 20);
});
