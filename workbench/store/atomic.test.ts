import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile, writeOnce } from "./atomic.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "wb-atomic-"));

/** Effects whose n-th writing call fails with a full disk, after doing half of a write. */
function fullDisk(strike: number): { effects: Effects; calls: () => number } {
  let calls = 0;
  const fail = async (path: string, half: () => Promise<void>): Promise<void> => {
    await half();
    throw Object.assign(new Error("no space left"), { code: "ENOSPC", path });
  };
  const effects: Effects = {
    ...realEffects,
    write: (path, data) =>
      ++calls === strike
        ? fail(path, () => realEffects.write(path, Buffer.from(data).subarray(0, 3)))
        : realEffects.write(path, data),
    rename: (from, to) =>
      ++calls === strike ? fail(to, async () => undefined) : realEffects.rename(from, to),
    fsync: (path) => (++calls === strike ? fail(path, async () => undefined) : realEffects.fsync(path)),
  };
  return { effects, calls: () => calls };
}

test("a disk that fills up at any point leaves the old file or the new one, and nothing beside it", async () => {
  for (let strike = 1; ; strike++) {
    const at = await folder();
    const path = join(at, "manifest.json");
    await replaceFile(path, "old content");
    const { effects, calls } = fullDisk(strike);
    await replaceFile(path, "new content", effects).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "ENOSPC" });
    });
    expect(["old content", "new content"]).toContain(await readFile(path, "utf8"));
    expect(await readdir(at)).toEqual(["manifest.json"]);
    if (calls() < strike) return;
  }
});

test("a short write that the system does not report is noticed before the old file is replaced", async () => {
  const path = join(await folder(), "result.json");
  await replaceFile(path, "old");
  const short: Effects = {
    ...realEffects,
    write: (to, data) => realEffects.write(to, Buffer.from(data).subarray(0, 2)),
  };
  await expect(replaceFile(path, "longer", short)).rejects.toMatchObject({ exitCode: 5 });
  expect(await readFile(path, "utf8")).toBe("old");
});

test("a file written once accepts the same bytes again and refuses others with exit 6", async () => {
  const path = join(await folder(), "result.json");
  await writeOnce(path, "{}\n");
  await writeOnce(path, "{}\n");
  await expect(writeOnce(path, "{ }\n")).rejects.toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
  expect(await readFile(path, "utf8")).toBe("{}\n");
});
