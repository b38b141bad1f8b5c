import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test("a lock whose process is gone is taken over", async () => {
  const path = await lockPath();
  const child = realEffects.spawn("true", []);
  await child.ended;
  await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), what: "dead", at: "then" }));
  expect(await withLock(path, "next", async () => "taken over")).toBe("taken over");
});

test("of twenty takers at once on a stale lock exactly one holds it at a time", async () => {
  const path = await lockPath();
  const child = realEffects.spawn("true", []);
  await child.ended;
  await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), what: "dead", at: "then" }));
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
