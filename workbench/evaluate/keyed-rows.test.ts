import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { openKeyedRows, type RowKeys } from "./keyed-rows.ts";
import { tempProject } from "./testing/project.ts";

const byId: RowKeys = { of: (row) => [String((row as { readonly id: unknown }).id)] };
const linesOf = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join("\n");

test("a row in place is the row that a list or an archive would give, however lines end", async () => {
  const { root } = await tempProject();
  const [plain, list, packed] = ["r.jsonl", "r.json", "r.jsonl.gz"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.constantFrom("\n", "\r\n", "\n\n \n"),
      fc.boolean(),
      async (all, end, isOpen) => {
        const rows = all.map((text, id) => ({ id, text }));
        const text = `\ufeff${rows.map((row) => JSON.stringify(row)).join(end)}${isOpen ? "" : end}`;
        await writeFile(plain, text);
        await writeFile(list, JSON.stringify(rows));
        await writeFile(packed, gzipSync(text));
        for (const path of [plain, list, packed]) {
          const found = await openKeyedRows(path, byId, realEffects);
          for (const row of rows.toReversed()) expect(await found.find(String(row.id))).toEqual(row);
          expect(await found.find("none")).toBeNull();
          expect([found.has("0"), found.has("none")]).toEqual([true, false]);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("no answer of a plain file is held: a file that changed is found out when it is read", async () => {
  const { root } = await tempProject();
  const path = join(root, "r.jsonl");
  const rows = ["a", "b", "c"].map((id) => ({ id, text: `answer ${id}` }));
  await writeFile(path, linesOf(rows));
  const found = await openKeyedRows(path, byId, realEffects);
  expect(await found.find("b")).toEqual(rows[1]);
  await writeFile(path, linesOf(rows.toReversed()));
  await expect(found.find("a")).rejects.toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
  await writeFile(path, "{");
  await expect(found.find("c")).rejects.toMatchObject({ code: "WB_INTEGRITY" });
});

test("a row that is no JSON is refused with its line, a key that comes twice is told", async () => {
  const { root } = await tempProject();
  for (const name of ["r.jsonl", "r.jsonl.gz"]) {
    const path = join(root, name);
    const write = (text: string) => writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
    await write('{"id":1}\n\n{"id":2');
    await expect(openKeyedRows(path, byId, realEffects)).rejects.toMatchObject({
      code: "WB_SUITE_INVALID",
      where: `${path}:3`,
    });
    await write('{"id":1,"n":1}\n{"id":2}\n{"id":1,"n":2}\n');
    const told: unknown[] = [];
    const again = (key: string, row: unknown, place: number): void => void told.push([key, row, place]);
    const found = await openKeyedRows(path, { ...byId, again }, realEffects);
    expect(told).toEqual([["1", { id: 1, n: 2 }, 3]]);
    expect(await found.find("1")).toEqual({ id: 1, n: 2 });
  }
});
