import fc from "fast-check";
import { expect, test } from "vitest";
import { writeTombstone } from "../catalog/tombstones.ts";
import { erasureId } from "../redact/erased.ts";
import { userKey } from "../redact/pseudonym.ts";
import { Tombstone } from "../schema/erasure.ts";
import { readInteractions } from "../catalog/interactions.ts";
import type { Frame } from "./frame.ts";
import { FramePacker, unpacked } from "./pack-frames.ts";
import { KEY, chatRecord, lines, many, still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

/** A log of everything that batches meet: replays near and far, of good and of broken lines, people, secrets, many rows. */
function mixedLog(): string {
  const broken = ['{"request":', "ERROR 502 Bad Gateway", '{"request":1}'];
  const records = many(400).map((record, n) => ({ ...record, [`odd_${n % 7}`]: n }));
  const line = (n: number): string => {
    if (n % 17 === 3) return `${broken[n % 3] ?? ""}\n`;
    if (n % 11 === 5) return lines([records[(n * 7) % n]]);
    if (n % 23 === 9)
      return lines([chatRecord(`p${n}`, `write to ann${n % 5}@example.org, IBAN DE89370400440532013000`)]);
    return lines([records[n]]);
  };
  return Array.from({ length: 400 }, (_, n) => line(n)).join("");
}

const stored = async (at: TestProject): Promise<readonly unknown[]> => {
  const rows: unknown[] = [];
  for await (const { import_id: _, ...row } of readInteractions(at.project)) rows.push(row);
  return rows;
};

test("one thread and three write the same bytes and tell the same", async () => {
  const log = mixedLog();
  const limits = { batchBytes: 2000 };
  const outcome = async (threads: number): Promise<object> => {
    const at = await testProject();
    const path = await at.write("log.jsonl", log);
    const report = await at.ingest(path, { threads, limits });
    const [source] = report.sources;
    return { totals: report.totals, source: { ...source, source: "" }, digests: await at.digests() };
  };
  const [one, three] = [await outcome(1), await outcome(3)];
  expect(three).toEqual(one);
});

test("rows, counts and reasons do not depend on how many records are read together", async () => {
  const log = mixedLog();
  const outcome = async (batchBytes: number): Promise<object> => {
    const at = await testProject();
    const report = await at.ingest(await at.write("log.jsonl", log), { threads: 2, limits: { batchBytes } });
    const [source] = report.sources;
    return {
      totals: report.totals,
      reasons: source?.reasons,
      redactions: source?.redactions,
      rows: await stored(at),
    };
  };
  const whole = await outcome(1 << 24);
  expect(await outcome(5000)).toEqual(whole);
  expect(await outcome(20_000)).toEqual(whole);
});

test("a mapping file and a person who was erased mean the same in other threads", async () => {
  const log = Array.from({ length: 300 }, (_, n) =>
    JSON.stringify({
      q: `Question ${n} of Ann Lee`,
      a: "Answer.",
      who: `user-${n % 20}@example.org`,
      at: 1763596800 + n,
    }),
  ).join("\n");
  const mapping = [
    "schema: workbench/mapping@1",
    "name: pairs",
    "row:",
    "  messages: [{ role: user, content: $.q }]",
    "  output: [{ role: assistant, content: $.a }]",
    "  user_key: $.who",
    "  started_at: $.at",
    "",
  ].join("\n");
  const outcome = async (threads: number): Promise<object> => {
    const at = await testProject();
    const path = await at.write("log.jsonl", `${log}\n`);
    const map = await at.write("pairs.map.yaml", mapping);
    const person = userKey("user-3@example.org", KEY) ?? "";
    const id = erasureId(person, KEY);
    const stone = {
      schema: "workbench/erasure@1",
      id,
      at: still.now().toISOString(),
      finishedAt: null,
      rowKeys: [],
    };
    await writeTombstone(at.project, Tombstone.parse(stone), still);
    const report = await at.ingest(path, { threads, mapping: map, limits: { batchBytes: 1500 } });
    expect(report.sources[0]?.counts).toMatchObject({ erased: 15 });
    return { totals: report.totals, rows: await stored(at) };
  };
  expect(await outcome(2)).toEqual(await outcome(1));
});

test("a packed batch is the same batch in another thread", () => {
  const frame = fc.record({
    line: fc.nat(),
    byteOffset: fc.nat(),
    byteLength: fc.nat(),
    bytes: fc.option(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))),
    sha256: fc.option(fc.constant("ab".repeat(32))),
    terminated: fc.boolean(),
    digest: fc.constantFrom("", "0123456789abcdef0123456789abcdef"),
    flaw: fc.option(fc.constant({ reason: "csv_ragged", detail: "3 of 4 fields" } as const)),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), (given) => {
      const batch = {
        frames: given.map(({ digest: _, flaw, ...one }) => (flaw === null ? one : { ...one, flaw })),
        digests: given.map(({ digest }) => digest),
      };
      const packer = new FramePacker();
      // The second batch of a packer is in no way the first one's.
      for (const times of [1, 2]) {
        for (const [n, one] of batch.frames.entries()) packer.add(one as Frame, batch.digests[n] ?? "");
        expect(packer.records, `batch ${times}`).toBe(batch.frames.length);
        expect(unpacked(structuredClone(packer.take()))).toEqual(batch);
      }
    }),
  );
});
