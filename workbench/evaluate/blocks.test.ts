import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects, type Effects } from "../store/effects.ts";
import { makeBlocks } from "./blocks.ts";

test("many readers of one block share one reading, and a failed reading is begun again", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "wb-blocks-")), "lines");
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
  await writeFile(path, bytes);
  let readings = 0;
  const effects: Effects = {
    ...realEffects,
    stream: (...asked) => {
      if (++readings === 1) throw new Error("the disk is away");
      return realEffects.stream(...asked);
    },
  };
  const blocks = makeBlocks(path, effects);
  await expect(blocks.read(0, 10)).rejects.toThrow("the disk is away");
  const pieces = await Promise.all(Array.from({ length: 100 }, (_, n) => blocks.read(n * 2990, 2990)));
  expect(Buffer.concat(pieces).equals(bytes.subarray(0, 299_000))).toBe(true);
  expect(readings).toBe(4); // the failed one, and one for each of the three blocks
});
