import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import { withLock } from "./lock.ts";

const lockPath = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), "wb-lock-")), "registry.lock");

test("a held lock refuses the second taker with exit 7 and names the holder", async () => {
  const path = await lockPath();
  await withLock(path, "first command", async () => {
    await expect(withLock(path, "second", async () => 1)).rejects.toMatchObject({
      exitCode: 7,
      what: expect.stringContaining(`"first command" holds this lock (process ${process.pid}`),
    });
  });
  expect(await withLock(path, "third", async () => "free again")).toBe("free again");
});

test("the lock is released when the work throws, and leaves no stray file", async () => {
  const path = await lockPath();
  await expect(withLock(path, "x", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await readdir(join(path, ".."))).toEqual([]);
});

/** Leaves the lock of a process that has ended. */
const leaveStale = async (path: string): Promise<void> => {
  const child = realEffects.spawn("true", []);
  await child.ended;
  await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), what: "dead", at: "then" }));
};

test("a lock whose process is gone is taken over", async () => {
  const path = await lockPath();
  await leaveStale(path);
  expect(await withLock(path, "next", async () => "taken over")).toBe("taken over");
});

test("of twenty takers at once on a stale lock exactly one holds it at a time", async () => {
  const path = await lockPath();
  await leaveStale(path);
  let inside = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) =>
      withLock(path, `taker ${i}`, async () => {
        most = Math.max(most, ++inside);
        await realEffects.sleep(5);
        inside--;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(1);
});

test("a taker that saw a stale lock does not remove the fresh lock that has replaced it", async () => {
  const path = await lockPath();
  await leaveStale(path);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const others: Promise<void>[] = [];
  // The slow taker has read the stale lock; before it acts, another taker clears it and is at work.
  const slow: Effects = {
    ...realEffects,
    read: async (file) => {
      const bytes = await realEffects.read(file);
      if (file === path && others.length === 0)
        await new Promise<void>((started) => {
          const other = withLock(path, "the other taker", async () => {
            started();
            await released;
          });
          others.push(other);
        });
      return bytes;
    },
  };
  await expect(withLock(path, "the slow taker", async () => "two holders", slow)).rejects.toMatchObject({
    exitCode: 7,
    what: expect.stringContaining("the other taker"),
  });
  release();
  await Promise.all(others);
  expect(await readdir(join(path, ".."))).toEqual([]);
});

test("a lock whose number now belongs to another process is taken over", async () => {
  const path = await lockPath();
  const reused = { pid: process.pid, host: hostname(), started: "1", what: "before", at: "then" };
  await writeFile(path, JSON.stringify(reused));
  const taken = withLock(path, "next", async () => "taken over");
  if (process.platform === "linux") expect(await taken).toBe("taken over");
  else await expect(taken).rejects.toMatchObject({ exitCode: 7 });
});

test("a taker that died while it cleared a stale lock, and a torn lock, are cleared too", async () => {
  const path = await lockPath();
  await leaveStale(path);
  const dying: Effects = {
    ...realEffects,
    remove: async () => Promise.reject(new Error("killed")), // nothing is tidied: a dead process cannot
  };
  await expect(withLock(path, "dying", async () => 1, dying)).rejects.toThrow("killed");
  expect((await readdir(join(path, ".."))).filter((name) => name.endsWith(".claim"))).toHaveLength(1);
  const later: Effects = { ...realEffects, kill: () => false };
  expect(await withLock(path, "next", async () => "taken over", later)).toBe("taken over");
  expect(await readdir(join(path, ".."))).toEqual([]);
  await writeFile(path, '{"pid":');
  expect(await withLock(path, "next", async () => "torn")).toBe("torn");
});

test("processes that take, hold, release and die: never two holders, and the next one always gets in", async () => {
  const path = await lockPath();
  const run = promisify(execFile);
  const worker = join(import.meta.dirname, "testing", "lock-worker.ts");
  const ends = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) => run(process.execPath, [worker, path, i % 2 ? "die" : "live"])),
  );
  const log = (await readFile(`${path}.log`, "utf8")).trim().split("\n");
  expect(log.filter((line) => line.startsWith("both"))).toEqual([]);
  expect(log.filter((line) => line === "in").length).toBeGreaterThan(20);
  // Those that died were killed by their own signal, the others ended well.
  expect(ends.map(({ status }) => status)).toEqual(
    Array.from({ length: 8 }, (_, i) => (i % 2 ? "rejected" : "fulfilled")),
  );
  expect(await withLock(path, "afterwards", async () => "free")).toBe("free");
}, 60_000);
