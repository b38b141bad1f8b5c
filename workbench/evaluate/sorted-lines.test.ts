import fc from "fast-check";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../schema/canonical.ts";
import { realEffects } from "../store/effects.ts";
import { sortLines } from "./sorted-lines.ts";

async function sortedBy(lines: readonly string[], most: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "wb-lines-"));
  const sorted = sortLines(join(folder, "buckets"), realEffects, most);
  for (const [i, line] of lines.entries()) await sorted.add(sha256(String(i)), line);
  const out: string[] = [];
  for await (const line of sorted.inOrder()) out.push(line);
  await sorted.close();
  expect(await readdir(folder)).toEqual([]);
  return out;
}

test("whatever is held and whatever goes to the disk, the lines come in the order of their digests", async () => {
  const line = fc.string({ unit: "binary" }).map((text) => JSON.stringify(text));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 60 }), fc.nat(3000), async (lines, most) => {
      const plain = lines
        .map((text, i) => [sha256(String(i)), text] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => text);
      expect(await sortedBy(lines, most)).toEqual(plain);
    }),
    { numRuns: 25 },
  );
});
