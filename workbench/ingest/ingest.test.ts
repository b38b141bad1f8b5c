import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { FAULT_MODES, Killed, faulty } from "./testing/faulty.ts";
import { KEY, chatRecord, lines, many, still, testProject } from "./testing/project.ts";

test("the same bytes again change nothing, whatever the file is called", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", lines(many(50)));
  const first = await at.ingest(path);
  expect(first.totals).toEqual({ read: 50, stored: 50, known: 0, quarantined: 0, blank: 0 });
  const before = await at.digests();
  const copy = await at.write("b.jsonl", await readFile(path));
  for (const again of [path, copy])
    expect((await at.ingest(again)).sources[0]).toMatchObject({
      outcome: "unchanged",
      counts: { read: 0, stored: 0 },
    });
  expect(await at.digests()).toEqual(before);
});

test("of a file that grew only the tail is read, and a cut last line is resolved by the next tail", async () => {
  const at = await testProject();
  const text = lines(many(12));
  const cut = text.length - 20;
  const path = await at.write("a.jsonl", text.slice(0, cut));
  const first = await at.ingest(path);
  expect(first.sources[0]).toMatchObject({
    counts: { read: 12, stored: 11, quarantined: 1 },
    reasons: { unterminated: 1 },
  });
  expect((await at.ingest(path)).sources[0]?.outcome).toBe("unchanged");
  await writeFile(path, text.slice(0, cut + 5));
  expect((await at.ingest(path)).sources[0]?.outcome).toBe("unchanged");
  await writeFile(path, text + lines(many(3, 12)));
  const tail = await at.ingest(path);
  expect(tail.sources[0]).toMatchObject({ outcome: "continued", counts: { read: 4, stored: 4 } });
  const rows = await at.rows();
  expect(rows.map((row) => row.line_no).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 15 }, (_, n) => n + 1),
  );
  expect(rows.find((row) => row.source_id === "r12")?.byte_offset).toBe(text.length);
  expect((await at.ingest(path)).sources[0]?.outcome).toBe("unchanged");
});

test("a rewritten file is imported whole, and its old records are known", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", lines(many(20)));
  await at.ingest(path);
  await writeFile(path, lines([chatRecord("new"), ...many(20).slice(5)]));
  expect((await at.ingest(path)).totals).toMatchObject({ read: 16, stored: 1, known: 15 });
});

test("byte-identical records are one, within a file and across files", async () => {
  const at = await testProject();
  const [a, b] = [chatRecord("a"), chatRecord("b")];
  const report = await at.ingest([
    await at.write("1.jsonl", lines([a, a, b])),
    await at.write("2.jsonl", lines([b, a, chatRecord("c")])),
  ]);
  expect(report.totals).toMatchObject({ read: 6, stored: 3, known: 3 });
  expect((await at.rows()).length).toBe(3);
});

test("the same id with other content is a revision: both are kept, the latest is read", async () => {
  const at = await testProject();
  await at.ingest(
    await at.write("1.jsonl", lines([chatRecord("a", "q", "old"), chatRecord("a", "q", "new")])),
  );
  const rows = await at.rows();
  expect(rows.map((row) => row.output[0]?.content)).toEqual(["new"]);
});

test("gzip, zstd, several gzip members, a JSON array and standard input all give the same rows", async () => {
  const text = lines(many(30));
  const array = JSON.stringify(many(30), null, 2);
  const forms: [string, string | Uint8Array][] = [
    ["a.jsonl", text],
    ["a.jsonl.gz", gzipSync(text)],
    ["a.jsonl.zst", zstdCompressSync(text)],
    ["members.gz", Buffer.concat([gzipSync(text.slice(0, 2000)), gzipSync(text.slice(2000))])],
    ["a.json", array],
    ["crlf.jsonl", `\ufeff${text.replaceAll("\n", "\r\n")}`],
  ];
  const contents = new Set<string>();
  const content = (rows: readonly { source_id: string | null; messages: unknown }[]): string =>
    JSON.stringify(rows.map((row) => [row.source_id, row.messages]).sort());
  for (const [name, bytes] of forms) {
    const at = await testProject();
    expect((await at.ingest(await at.write(name, bytes))).totals, name).toMatchObject({
      read: 30,
      stored: 30,
    });
    contents.add(content(await at.rows()));
  }
  const at = await testProject();
  async function* stdin(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < text.length; from += 777) yield Buffer.from(text.slice(from, from + 777));
  }
  expect((await at.ingest("-", { stdin: stdin() })).totals).toMatchObject({ stored: 30 });
  expect((await at.ingest("-", { stdin: stdin() })).sources[0]?.outcome).toBe("unchanged");
  contents.add(content(await at.rows()));
  expect(contents.size).toBe(1);
});

test("a truncated archive keeps what came out of it and says so; a bomb is stopped", async () => {
  const at = await testProject();
  const packed = gzipSync(lines(many(400).map((record, n) => ({ ...record, salt: Math.sin(n) }))));
  const cut = await at.ingest(await at.write("cut.jsonl.gz", packed.subarray(0, packed.length - 500)));
  expect(cut.sources[0]?.reasons).toEqual({ archive_truncated: 1 });
  expect(cut.totals.stored).toBeGreaterThan(100);
  expect(cut.totals.read).toBe(cut.totals.stored + 1);
  const bomb = await at.ingest(await at.write("bomb.gz", gzipSync(Buffer.alloc(8 << 20, "x"))), {
    format: "openai-chat",
    limits: { unpackFree: 1 << 20, recordBytes: 1 << 18 },
  });
  expect(bomb.sources[0]?.reasons).toEqual({ archive_bomb: 1 });
});

test("an over-long line is quarantined by its digest, and its neighbours are stored", async () => {
  const at = await testProject();
  const long = JSON.stringify(chatRecord("long", "x".repeat(70_000)));
  const path = await at.write("a.jsonl", `${lines(many(2))}${long}\n${lines(many(2, 2))}`);
  const report = await at.ingest(path, { limits: { recordBytes: 65_536 } });
  expect(report.totals).toMatchObject({ read: 5, stored: 4, quarantined: 1 });
  expect(report.sources[0]?.reasons).toEqual({ too_long: 1 });
});

test("two imports of the same records give the same Parquet bytes", async () => {
  const digests = [];
  for (let run = 0; run < 2; run++) {
    const at = await testProject();
    await at.ingest(await at.write("a.jsonl", lines(many(100))));
    digests.push(await at.digests());
  }
  expect(digests[0]).toEqual(digests[1]);
});

test("another privacy policy for the same bytes is refused, and --again replaces the rows", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", lines([chatRecord("a", "mail ann@example.org")]));
  await at.ingest(path);
  const other = { key: Buffer.alloc(32, 9) };
  await expect(at.ingest(path, other)).rejects.toMatchObject({ code: "WB_SOURCE_INVALID", exitCode: 2 });
  const old = await at.rows();
  expect((await at.ingest(path, { ...other, again: true })).sources[0]?.outcome).toBe("replaced");
  const now = await at.rows();
  expect(now.length).toBe(1);
  expect(now[0]?.user_key).not.toBe(old[0]?.user_key);
  expect(JSON.stringify(now)).not.toContain("ann@example.org");
});

test("one flipped byte in a segment is exit 6 before a row is given", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines(many(100))));
  const [file] = (await at.digests()).filter((line) => line.includes("rows.parquet"));
  const path = join(at.project.private, "interactions", file?.split(" ")[0] ?? "");
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  await expect(at.rows()).rejects.toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
});

test("unknown and mixed files are refused with the shares, before anything is stored", async () => {
  const at = await testProject();
  await expect(at.ingest(await at.write("x.jsonl", lines([{ a: 1 }])))).rejects.toMatchObject({
    code: "WB_FORMAT_UNKNOWN",
  });
  const mixed = lines([
    ...many(30),
    ...Array.from({ length: 30 }, (_, n) => ({ schema: "workbench/interaction@1", source_id: `w${n}` })),
  ]);
  await expect(at.ingest(await at.write("y.jsonl", mixed))).rejects.toMatchObject({
    code: "WB_FORMAT_AMBIGUOUS",
    what: expect.stringContaining("50 %"),
  });
  expect(await at.digests()).toEqual([]);
});

test(
  "killed or failing at any point, and run again: nothing lost, nothing doubled, the same bytes",
  { timeout: 240_000 },
  async () => {
    const text = lines(many(8)) + "broken\n";
    const clean = await testProject();
    await clean.ingest(await clean.write("a.jsonl", text));
    const expected = await clean.digests();
    // Per change the three that differ most; nightly (WB_TEST_DEPTH=full) all of them.
    const modes =
      process.env["WB_TEST_DEPTH"] === "full" ? FAULT_MODES : (["torn", "after", "enospc"] as const);
    for (const mode of modes)
      for (let strike = 1; ; strike++) {
        const at = await testProject();
        const path = await at.write("a.jsonl", text);
        const { effects, passed } = faulty(still, strike, mode);
        await at.ingest(path, {}, effects).catch((error: unknown) => {
          if (!(error instanceof Killed))
            expect(error, `${mode} at ${strike}`).toMatchObject({ code: mode.toUpperCase() });
        });
        // The dead process's lock names us, who live: whoever comes next must see it as gone.
        await at.ingest(path, {}, { ...still, kill: () => false });
        expect(await at.digests(), `${mode} at ${strike}`).toEqual(expected);
        if (passed() < strike) break;
      }
  },
);

test("a lock that is held is exit 7", async () => {
  const at = await testProject();
  const path = await at.write("a.jsonl", lines(many(1)));
  const [one, two] = await Promise.allSettled([at.ingest(path), at.ingest(path)]);
  const lost = [one, two].filter((outcome) => outcome.status === "rejected");
  expect(lost.length).toBe(1);
  expect(lost[0]).toMatchObject({ reason: { code: "WB_LOCK_BUSY", exitCode: 7 } });
  expect(KEY.length).toBe(32);
});
