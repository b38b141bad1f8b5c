import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { appendFile, mkdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Config } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { KEY, chatRecord, lines, many, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";
import { watch } from "./watch.ts";
import type { WatchRequest } from "./watch.ts";

const config = Config.parse({ schema: "workbench/config@1", project: "test" });

async function watching(at: TestProject, more: Partial<WatchRequest> = {}) {
  const folder = join(at.project.root, "in");
  await mkdir(folder, { recursive: true });
  const stop = new AbortController();
  const [imported, troubles]: [string[], string[]] = [[], []];
  const request: WatchRequest = {
    request: { project: at.project, config, key: KEY },
    folder,
    intervalMs: 50,
    settleMs: 200,
    once: false,
    signal: stop.signal,
    onImport: ({ source, outcome, counts }) =>
      imported.push(`${source.slice(folder.length + 1)} ${outcome} ${counts.stored}`),
    onTrouble: (path, { code }) => troubles.push(`${path.slice(folder.length + 1)} ${code}`),
    ...more,
  };
  return { folder, stop, imported, troubles, request };
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let n = 0; n < 400 && !isSo(); n++) await realEffects.sleep(25);
  expect(isSo()).toBe(true);
};

test("files that appear and grow are read, each tail once; what is read whole is read when it is left alone", async () => {
  const at = await testProject();
  const { folder, stop, imported, troubles, request } = await watching(at);
  const ended = watch(request);
  await writeFile(join(folder, "a.jsonl"), lines(many(5)));
  await until(() => imported.length === 1);
  await appendFile(join(folder, "a.jsonl"), lines(many(3, 5)));
  await until(() => imported.length === 2);
  const packed = gzipSync(lines(many(4, 8)));
  await writeFile(join(folder, "b.jsonl.gz"), packed.subarray(0, 60));
  await writeFile(join(folder, "x.log"), "no format\n");
  await until(() => troubles.length === 1);
  await writeFile(join(folder, "b.jsonl.gz"), packed);
  await until(() => imported.length === 3);
  stop.abort();
  expect(await ended).toEqual({ imports: 3, read: 12, stored: 12, quarantined: 0, troubled: 1 });
  expect(imported).toEqual(["a.jsonl imported 5", "a.jsonl continued 3", "b.jsonl.gz imported 4"]);
  expect(troubles).toEqual(["x.log WB_FORMAT_UNKNOWN"]);
  expect((await at.rows()).length).toBe(12);
});

test("--once looks once, at what is there", async () => {
  const at = await testProject();
  const { folder, imported, request } = await watching(at, { once: true });
  expect(await watch(request)).toMatchObject({ imports: 0, troubled: 0 });
  await writeFile(join(folder, "a.jsonl"), lines(many(2)));
  expect(await watch(request)).toMatchObject({ imports: 1, stored: 2 });
  expect(await watch(request)).toMatchObject({ imports: 0, stored: 0 });
  expect(imported).toEqual(["a.jsonl imported 2"]);
});

test("a log that is rotated is read to its end under its new name, and the new one from its beginning", async () => {
  const at = await testProject();
  const { folder, imported, troubles, request } = await watching(at, { once: true });
  const log = join(folder, "app.log");
  await writeFile(log, lines(many(3)));
  await watch(request);
  await appendFile(log, lines(many(2, 3)));
  await rename(log, join(folder, "app.log.1"));
  await writeFile(log, lines(many(4, 5)));
  await watch(request);
  await rename(join(folder, "app.log.1"), join(folder, "app.log-20261120"));
  await truncate(log);
  await writeFile(log, lines(many(1, 9)));
  await watch(request);
  expect(imported).toEqual([
    "app.log imported 3",
    "app.log imported 4",
    "app.log.1 continued 2",
    "app.log imported 1",
  ]);
  expect(troubles).toEqual([]);
  expect((await at.rows()).length).toBe(10);
});

test("a log that is rotated between its hash and its reading is no import under a wrong digest", async () => {
  const at = await testProject();
  const { folder, imported, request } = await watching(at, { once: true });
  const log = join(folder, "app.log");
  await writeFile(log, lines(many(3)));
  let streams = 0;
  const effects: Effects = {
    ...realEffects,
    stream: (path, range) => {
      if (path === log && ++streams === 2) {
        renameSync(log, join(folder, "app.log.1"));
        writeFileSync(log, lines(many(3, 100)));
      }
      return realEffects.stream(path, range);
    },
  };
  expect(await watch(request, effects)).toMatchObject({ stored: 0, troubled: 1 });
  expect(streams).toBeGreaterThan(1);
  expect(await watch(request)).toMatchObject({ stored: 6, troubled: 0 });
  expect(imported).toEqual(["app.log imported 3", "app.log.1 imported 3"]);
});

test("a file that goes away while others are read keeps nobody waiting", async () => {
  const at = await testProject();
  const { folder, imported, troubles, request } = await watching(at, { once: true });
  for (const name of ["a", "b", "c"])
    await writeFile(join(folder, `${name}.jsonl`), lines([chatRecord(name)]));
  const gone = join(folder, "b.jsonl");
  const effects: Effects = {
    ...realEffects,
    realpath: async (path) => {
      if (path === gone) await rm(gone, { force: true });
      return realEffects.realpath(path);
    },
  };
  expect(await watch(request, effects)).toMatchObject({ imports: 2, stored: 2, troubled: 1 });
  expect(imported).toEqual(["a.jsonl imported 1", "c.jsonl imported 1"]);
  expect(troubles).toEqual(["b.jsonl WB_FILE_MISSING"]);
});

test("many files are taken by few commands; one that cannot be read is told of and the others are stored", async () => {
  const at = await testProject();
  const { folder, troubles, request } = await watching(at, { once: true });
  for (let n = 0; n < 70; n++) await writeFile(join(folder, `${n}.jsonl`), lines([chatRecord(`r${n}`)]));
  await writeFile(join(folder, "x.log"), "no format\n");
  let locks = 0;
  const effects: Effects = {
    ...realEffects,
    link: (from, to) => {
      locks++;
      return realEffects.link(from, to);
    },
  };
  expect(await watch(request, effects)).toMatchObject({ imports: 70, stored: 70, troubled: 1 });
  expect(locks).toBe(2);
  expect(troubles).toEqual(["x.log WB_FORMAT_UNKNOWN"]);
});

test(
  "killed again and again while a log grows, then Ctrl-C: every record once, exit 0",
  { timeout: 60_000 },
  async () => {
    const at = await testProject();
    const { folder } = await watching(at);
    const log = join(folder, "a.jsonl");
    await writeFile(log, "");
    const main = join(import.meta.dirname, "../cli/main.ts");
    const start = (): ChildProcess =>
      spawn(
        process.execPath,
        [main, "watch", folder, "--interval", "0.05", "--format", "openai-chat", "--json"],
        {
          cwd: at.project.root,
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, WORKBENCH_KEY: KEY.toString("hex") },
        },
      );
    let written = 0;
    const grow = async (times: number): Promise<void> => {
      for (let n = 0; n < times; n++) {
        const text = JSON.stringify(chatRecord(`r${written}`, `question ${written}`)) + "\n";
        await appendFile(log, text.slice(0, 40)); // a record is not written in one piece
        await realEffects.sleep(3);
        await appendFile(log, text.slice(40));
        written++;
      }
    };
    for (let kill = 0; kill < 3; kill++) {
      const child = start();
      const gone = new Promise((resolve) => child.once("close", resolve));
      let imports = 0;
      child.stdout?.on(
        "data",
        (chunk: Buffer) => (imports += chunk.toString().split('"event":"import"').length - 1),
      );
      while (imports <= kill) await grow(7);
      child.kill("SIGKILL");
      await gone;
    }
    const last = start();
    let said = "";
    last.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = new Promise((resolve) => last.once("close", resolve));
    await grow(20);
    await until(() => said.includes('"event":"import"'));
    await realEffects.sleep(1500);
    last.kill("SIGINT");
    expect(await code).toBe(0);
    const events = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(events.at(-1)).toMatchObject({ event: "end" });
    const ids = (await at.rows()).map(({ source_id }) => source_id);
    expect(ids.length).toBe(written);
    expect(new Set(ids).size).toBe(written);
  },
);
