import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFramer } from "./frame-csv.ts";
import type { Frame } from "./frame.ts";
import { realEffects } from "../store/effects.ts";
import { still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const OURS = `schema: workbench/mapping@1
name: table
row:
  source_id: $.id
  started_at: $.at
  input_tokens: $.tokens
  cost_usd: $.cost
  task_completed: $.solved
  messages: [{ role: user, content: $.question }]
  output: [{ role: assistant, content: $.answer }]
`;

const HEADER = "id,at,tokens,cost,solved,question,answer\n";

async function withMapping(): Promise<{ at: TestProject; mapping: string }> {
  const at = await testProject();
  return { at, mapping: await at.write("table.mapping.yaml", OURS) };
}

test("rows of CSV become interactions: quotes, newlines, a BOM, CRLF, semicolons, tabs, gzip", async () => {
  const rows = [
    'c1,2026-01-01T00:00:00Z,61,0.0012,true,"Where is ""P42"", please?\nToday?",It left.',
    "c2,1767225600,,,,Hello?,",
  ];
  const text = `${HEADER}${rows.join("\n")}\n`;
  const forms: [string, string | Uint8Array][] = [
    ["a.csv", text],
    ["b.csv", `\ufeff${text.replace(/\n(?=c2|$)/g, "\r\n").replace("answer\n", "answer\r\n")}`],
    ["c.csv.gz", gzipSync(text)],
    ["d.tsv", text.replaceAll(",", "\t").replace('""P42""\t please', '""P42"", please')],
    ["e.csv", text.replaceAll(",", ";").replace('""P42""; please', '""P42"", please')],
    ["f.csv", text.trimEnd()],
  ];
  for (const [name, bytes] of forms) {
    const { at, mapping } = await withMapping();
    const report = await at.ingest(await at.write(name, bytes), { mapping });
    expect(report.totals, name).toEqual({ read: 2, stored: 2, known: 0, quarantined: 0, blank: 0 });
    const [one, two] = [...(await at.rows())].sort((a, b) =>
      String(a.source_id) < String(b.source_id) ? -1 : 1,
    );
    expect(one, name).toMatchObject({
      source_id: "c1",
      input_tokens: 61,
      cost_usd: 0.0012,
      task_completed: true,
      line_no: 2,
      messages: [{ role: "user", content: 'Where is "P42", please?\nToday?' }],
      output: [{ content: "It left." }],
    });
    expect(two, name).toMatchObject({
      source_id: "c2",
      line_no: 4,
      input_tokens: null,
      task_completed: null,
    });
  }
});

test("a broken row costs its own line, with its number and reason, and the sum holds", async () => {
  const { at, mapping } = await withMapping();
  const good = (id: string): string => `${id},2026-01-01T00:00:00Z,1,0,t,q ${id},a\n`;
  const text =
    HEADER +
    good("a") +
    "b,too,few\n" +
    good("c") +
    '"open quote,1\n' +
    good("d") +
    '"closed"then,2026-01-01T00:00:00Z,1,0,t,q,a\n' +
    "\n" +
    good("e") +
    `f,2026-01-01T00:00:00Z,many,0,t,q,a\n` +
    good("g");
  const report = await at.ingest(await at.write("x.csv", text), { mapping });
  expect(report.totals).toEqual({ read: 9, stored: 5, known: 0, quarantined: 4, blank: 1 });
  expect(report.sources[0]?.reasons).toEqual({ row_malformed: 3, wrong_shape: 1 });
  expect((await at.rows()).map(({ source_id }) => source_id).sort()).toEqual(["a", "c", "d", "e", "g"]);
  const again = await at.ingest(await at.write("y.csv", text + good("h")), { mapping });
  expect(again.totals).toMatchObject({ stored: 1, known: 5, quarantined: 4 });
});

test("whatever the cells and the chunks, the rows come back as they were", () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('"', '""', ",", "\n", "\r\n", "é", " ", "a,b"));
  const written = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      (rows, size) => {
        const bytes = Buffer.from(
          ["a,b,c", ...rows.map((row) => row.map(written).join(","))].join("\n") + "\n",
        );
        const framer = csvFramer({ maxBytes: 1 << 20 });
        const frames: Frame[] = [];
        for (let from = 0; from < bytes.length; from += size)
          frames.push(...framer.push(bytes.subarray(from, from + size)));
        frames.push(...framer.end());
        expect(
          frames.map((frame) => Object.values(JSON.parse(String(frame.bytes)) as Record<string, string>)),
        ).toEqual(rows.map((row) => row.map((text) => text.toWellFormed())));
        for (const { byteOffset, byteLength } of frames) expect(bytes[byteOffset + byteLength]).toBe(0x0a);
      },
    ),
  );
});

test("no bytes upset the framer: every line is in a row, blank, or broken, whatever the chunks", () => {
  const piece = fc.constantFrom('"', ",", "\n", "\r", "a", "x\n", '""', "\u00e9", "1,2\n", "\0");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      const bytes = Buffer.from(`a,b\n${pieces.join("")}`);
      const cut = (step: number): readonly Frame[] => {
        const framer = csvFramer({ maxBytes: 24 });
        const frames: Frame[] = [];
        for (let from = 0; from < bytes.length; from += step)
          frames.push(...framer.push(bytes.subarray(from, from + step)));
        return [...frames, ...framer.end()];
      };
      const frames = cut(size);
      let covered = 4;
      for (const { byteOffset, byteLength } of frames) {
        expect(bytes.subarray(covered, byteOffset).toString()).toMatch(/^[\r\n]*$/);
        covered = byteOffset + byteLength;
      }
      expect(bytes.subarray(covered).toString()).toMatch(/^[\r\n]*$/);
    }),
  );
});

async function parquet(at: TestProject, name: string, select: string): Promise<string> {
  const path = join(at.project.root, name);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (${select}) to '${path}' (format parquet)`);
  return path;
}

test("rows of a Parquet file of others become interactions, wide values kept to the digit", async () => {
  const { at, mapping } = await withMapping();
  const path = await parquet(
    at,
    "export.parquet",
    `select 'c' || i as id, timestamptz '2026-01-01 02:00:00.123456+02' as at, 61::bigint as tokens,
       0.0012::decimal(38,20) as cost, true as solved, 'q ' || i as question, 'a' as answer,
       9223372036854775807 as big, 'nan'::double as score, map{'k': i} as usage, encode('é') as text
     from range(3000) t(i)`,
  );
  const report = await at.ingest(path, { mapping });
  expect(report.totals).toMatchObject({ read: 3000, stored: 3000 });
  const row = (await at.rows()).find(({ source_id }) => source_id === "c7");
  expect(row).toMatchObject({ line_no: 8, input_tokens: 61, cost_usd: 0.0012, task_completed: true });
  expect(row?.started_at).toBe("2026-01-01T00:00:00.123456Z");
  expect(row?.extra).toEqual({ big: "9223372036854775807", usage: { k: 7 }, text: "é" });
  expect((await at.ingest(path, { mapping })).sources[0]?.outcome).toBe("unchanged");
});

test("a Parquet file that is cut or rotten is one clear error, and nothing of it is stored", async () => {
  const { at, mapping } = await withMapping();
  const whole = await parquet(
    at,
    "whole.parquet",
    "select i as id, repeat('x', 50) as q from range(50000) t(i)",
  );
  const bytes = await readFile(whole);
  const cut = join(dirname(whole), "cut.parquet");
  await writeFile(cut, bytes.subarray(0, bytes.length >> 1));
  await expect(at.ingest(cut)).rejects.toMatchObject({
    code: "WB_SOURCE_INVALID",
    what: expect.stringContaining("parquet_unreadable"),
  });
  const report = await at.ingest(cut, { mapping });
  expect(report.totals).toEqual({ read: 1, stored: 0, known: 0, quarantined: 1, blank: 0 });
  expect(report.sources[0]?.reasons).toEqual({ parquet_unreadable: 1 });
});

test("a source without a single record is refused, not passed over", async () => {
  const at = await testProject();
  await expect(at.ingest(await at.write("x.log", "ERROR 502\n".repeat(9)))).rejects.toMatchObject({
    code: "WB_FORMAT_UNKNOWN",
  });
  expect((await at.ingest(await at.write("y.log", "\n \n"))).sources[0]?.outcome).toBe("empty");
});

test("a reader of Parquet that dies in the middle costs one record, and what it said before is kept", async () => {
  const { at, mapping } = await withMapping();
  const path = await parquet(at, "hostile.parquet", "select 1 as id, 'q' as question, 'a' as answer");
  const says = JSON.stringify({ id: "c1", question: "q", answer: "a" });
  const crashing = {
    ...still,
    spawn: () => realEffects.spawn("sh", ["-c", `printf '%s\\n' '${says}'; kill -SEGV $$`]),
  };
  const report = await at.ingest(path, { mapping }, crashing);
  expect(report.totals).toEqual({ read: 2, stored: 1, known: 0, quarantined: 1, blank: 0 });
  expect(report.sources[0]?.reasons).toEqual({ parquet_unreadable: 1 });
});
