import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../catalog/database.ts";
import { ROWS_FILE, importsFolder } from "../catalog/segments.ts";
import { arrayFramer } from "./frame-array.ts";
import type { Frame, Framer } from "./frame.ts";
import { lineFramer } from "./frame.ts";
import { parseRecord } from "./parse.ts";
import { chatRecord, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

/** A record's bytes, whether they must be stored, and whether they are a line of their own at all. */
interface Kind {
  readonly name: string;
  readonly bytes: string | Buffer;
  /** Records that the piece is, and how many of them are good. */
  readonly records: number;
  readonly good: number;
}

const good = JSON.stringify(chatRecord("x"));
const at = (needle: string, shift = 0): string => good.slice(0, good.indexOf(needle) + shift);
const bad = (name: string, bytes: string | Buffer, records = 1): Kind => ({ name, bytes, records, good: 0 });
const fine = (name: string, bytes: string | Buffer, records = 1): Kind => ({
  name,
  bytes,
  records,
  good: records,
});
const withText = (text: string): string => good.replace("Where is order A17?", text);
const withMember = (member: string): string => `{${member},${good.slice(1)}`;

/** The corruption kinds of docs/ingest.md. */
export const KINDS: readonly Kind[] = [
  bad("cut after colon", at('"model":', 8)),
  bad("cut after comma", at(',"messages"', 1)),
  bad("cut in array", at('[{"role"', 1)),
  bad("cut after brace", "{"),
  bad("cut before brace", good.slice(0, -1)),
  bad("cut in string", at("order A17", 3)),
  bad("cut in key", at("choices", 3)),
  bad("cut after backslash", `${at("order A17", 0)}\\`),
  bad("cut inside \\u", `${at("order A17", 0)}\\u00`),
  bad("cut inside a character", Buffer.concat([Buffer.from(at("order A17")), Buffer.from([0xe2, 0x82])])),
  bad("two objects on a line", good + good),
  bad("bare CR", `${good}\r${good}`),
  bad("trailer", `${good} x`),
  bad("interleaved", good.slice(0, 40) + good + good.slice(40)),
  bad("raw newline in a string", good.replace("order", "or\nder"), 2),
  bad("halved by rotation", `${good.slice(0, 60)}\n${good.slice(60)}`, 2),
  bad("text", "ERROR 502 Bad Gateway"),
  { name: "blank", bytes: "", records: 0, good: 0 },
  { name: "white", bytes: " \t ", records: 0, good: 0 },
  bad("array", "[1,2]"),
  bad("number", "42"),
  bad("string", '"x"'),
  bad("null", "null"),
  bad("NaN", withMember('"n":NaN')),
  bad("Infinity", withMember('"n":Infinity')),
  bad("trailing comma", `${good.slice(0, -1)},}`),
  bad("single quotes", good.replaceAll('"', "'")),
  bad("comment", `${good} // x`),
  bad("other format", '{"instruction":"a","output":"b"}'),
  bad("key in other case", good.replace('"request"', '"Request"')),
  bad(
    "pretty-printed",
    JSON.stringify(chatRecord("x"), null, 1),
    JSON.stringify(chatRecord("x"), null, 1).split("\n").length,
  ),
  fine("BOM mid-file", `\ufeff${good}`),
  bad("UTF-16", Buffer.from(good, "utf16le")),
  fine("CRLF", `${good}\r`),
  bad(
    "invalid UTF-8",
    Buffer.concat([
      Buffer.from(at("order A17")),
      Buffer.from([0xff]),
      Buffer.from(good.slice(at("order A17").length)),
    ]),
  ),
  bad(
    "overlong UTF-8",
    Buffer.concat([
      Buffer.from(at("order A17")),
      Buffer.from([0xc0, 0xaf]),
      Buffer.from(good.slice(at("order A17").length)),
    ]),
  ),
  bad(
    "surrogate in UTF-8",
    Buffer.concat([
      Buffer.from(at("order A17")),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from(good.slice(at("order A17").length)),
    ]),
  ),
  bad("lone surrogate", withText("\\ud800")),
  bad("NUL run", Buffer.alloc(20)),
  fine("escaped NUL", withText("a\\u0000b")),
  bad("raw control character", withText("a\u0001b")),
  fine("2^53 + 1", withMember('"n":9007199254740993')),
  fine("2^64", withMember('"n":18446744073709551616')),
  fine("30 digits", withMember(`"n":${"9".repeat(30)}`)),
  fine("400 digits", withMember(`"n":${"9".repeat(400)}`)),
  bad("1e400", withMember('"n":1e400')),
  fine("duplicate keys", withMember('"k":1,"k":2')),
  fine("__proto__", withMember('"__proto__":{"polluted":true}')),
  fine("constructor", withMember('"constructor":{"prototype":{"polluted":true}}')),
  fine("depth 60", withMember(`"d":${"[".repeat(59)}${"]".repeat(59)}`)),
  bad("depth 65", withMember(`"d":${"[".repeat(65)}${"]".repeat(65)}`)),
  bad("depth 3000", withMember(`"d":${"[".repeat(3000)}${"]".repeat(3000)}`)),
  bad("depth 50000", withMember(`"d":${"[".repeat(50_000)}${"]".repeat(50_000)}`)),
  bad("depth 100000, objects", withMember(`"d":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)),
  bad("over the cap", withText("x".repeat(70_000))),
  bad(
    "object where text is due",
    good.replace('"model":"m-1"', '"model":"m-1","usage":{"prompt_tokens":{}}'),
  ),
  bad("negative tokens", good.replace('"model":"m-1"', '"model":"m-1","usage":{"prompt_tokens":-3}')),
  bad("fractional tokens", good.replace('"model":"m-1"', '"model":"m-1","usage":{"prompt_tokens":1.5}')),
  bad("year 10000", good.replace("1763596800", '"10000-01-01T00:00:00Z"')),
  fine("time with offset", good.replace("1763596800", '"2026-01-01T02:00:00+02:00"')),
  fine("time without zone", good.replace("1763596800", '"2026-01-01 02:00:00"')),
  fine("epoch ms", good.replace("1763596800", "1763596800123")),
  fine("epoch ns as text", good.replace("1763596800", '"1763596800123456789"')),
  fine(
    "arguments that are not JSON",
    good.replace(
      '"role":"assistant"',
      '"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{oops"}}]',
    ),
  ),
  bad("a message without a role", good.replace('"role":"user",', "")),
];

const piece = (kind: Kind, salt: number): Buffer =>
  // A salt in the id makes every good record another one, so that none is known already.
  Buffer.isBuffer(kind.bytes)
    ? kind.bytes
    : Buffer.from(kind.bytes.replaceAll('"id":"x"', `"id":"x${salt}"`));

const limits = { recordBytes: 65_536 };
const runs = Number(process.env["WB_CORRUPTION_RUNS"] ?? 500);

/** Frames of bytes that come in pieces of the given size. */
function framesOf(framer: Framer, bytes: Buffer, size: number): Frame[] {
  const frames: Frame[] = [];
  for (let from = 0; from < bytes.length; from += size)
    frames.push(
      ...framer
        .push(Buffer.from(bytes.subarray(from, from + size)))
        .map((frame) => ({ ...frame, bytes: frame.bytes && Buffer.from(frame.bytes) })),
    );
  return [...frames, ...framer.end()];
}

test(
  "every corruption kind, alone and between good lines, keeps its neighbours and its count",
  { timeout: 300_000 },
  async () => {
    for (const [n, kind] of KINDS.entries()) {
      const place = await testProject();
      const parts = [
        piece(fine("", good), 1),
        piece(kind, 2),
        piece(fine("", good), 3),
        piece(kind, 4),
        piece(kind, 5),
        piece(fine("", good), 6),
      ];
      const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from("\n")]));
      const report = await place.ingest(await place.write(`${n}.jsonl`, bytes), {
        format: "openai-chat",
        limits,
      });
      const { read, stored, known, quarantined } = report.totals;
      expect(read, kind.name).toBe(3 + 3 * kind.records);
      expect(stored + known, kind.name).toBe(3 + 3 * kind.good);
      expect(quarantined, kind.name).toBe(3 * (kind.records - kind.good));
      if (kind.good > 0) expect((await place.rows()).length, kind.name).toBe(stored);
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  },
);

test("generated files, cut anywhere into chunks: each record is counted once, and good ones always parse", () => {
  const sequences = fc.array(fc.nat(KINDS.length - 1), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      sequences,
      fc.integer({ min: 1, max: 5000 }),
      fc.boolean(),
      (sequence, size, endsWithNewline) => {
        const kinds = sequence.map((n) => KINDS[n]!);
        const body = Buffer.concat(kinds.flatMap((kind, n) => [piece(kind, n), Buffer.from("\n")]));
        const bytes = endsWithNewline ? body : body.subarray(0, body.length - 1);
        const framer = lineFramer({ maxBytes: limits.recordBytes });
        const frames = framesOf(framer, bytes, size);
        const total = kinds.reduce((sum, kind) => sum + kind.records, 0);
        expect(frames.length).toBe(total);
        for (const frame of frames)
          if (frame.bytes)
            expect(
              bytes.subarray(frame.byteOffset, frame.byteOffset + frame.byteLength).equals(frame.bytes),
            ).toBe(true);
        const parsed = frames.filter(
          ({ bytes: record }) => record && parseRecord(record, 64).kind === "record",
        ).length;
        expect(parsed).toBeGreaterThanOrEqual(kinds.reduce((sum, kind) => sum + kind.good, 0));
      },
    ),
    { numRuns: runs },
  );
});

/** Files of one command: they share its database, and each is held against those before it. */
const BATCH = 50;

test(
  "generated files through the whole of ingest: read = stored + known + quarantined",
  { timeout: 1_200_000 },
  async () => {
    const small = KINDS.filter(({ bytes }) => bytes.length < 10_000);
    const sequence = fc.array(fc.nat(small.length - 1), { minLength: 1, maxLength: 40 });
    const files = fc.array(sequence, { minLength: BATCH, maxLength: BATCH });
    let salt = 0;
    await fc.assert(
      fc.asyncProperty(files, async (sequences) => {
        const place = await testProject();
        const batch = sequences.map((numbers) => numbers.map((n) => small[n]!));
        const paths: string[] = [];
        for (const [n, kinds] of batch.entries()) {
          // A first line of its own, or the file would be the tail of an earlier one.
          const pieces = [fine("", good), ...kinds].flatMap((kind) => [
            piece(kind, ++salt),
            Buffer.from("\n"),
          ]);
          paths.push(await place.write(`${n}.jsonl`, Buffer.concat(pieces)));
        }
        const { sources } = await place.ingest(paths, { format: "openai-chat", limits });
        for (const [n, kinds] of batch.entries()) {
          const { read, stored, known, quarantined } = sources[n]!.counts;
          expect(read).toBe(kinds.reduce((sum, kind) => sum + kind.records, 1));
          expect(read).toBe(stored + known + quarantined);
          expect(stored + known).toBe(kinds.reduce((sum, kind) => sum + kind.good, 1));
        }
        expect(await storedRows(place)).toBe(sources.reduce((sum, { counts }) => sum + counts.stored, 0));
        await rm(place.project.root, { recursive: true });
      }),
      { numRuns: Math.ceil((process.env["WB_CORRUPTION_RUNS"] === undefined ? BATCH : runs) / BATCH) },
    );
  },
);

/** Rows in the Parquet files themselves, by DuckDB, each key once. */
async function storedRows({ project }: TestProject): Promise<number> {
  const root = importsFolder(project);
  const db = await openDatabase({ allowed: [root], temporary: join(root, "tmp") });
  const [row] = await db.rows<{ rows: number; keys: number }>(
    "select count(*) as rows, count(distinct row_key) as keys from read_parquet($files)",
    { files: join(root, "*", ROWS_FILE) },
  );
  db.close();
  expect(row?.rows).toBe(row?.keys);
  return row?.rows ?? 0;
}

test("elements of an array are what JSON.parse finds, however the array is printed and cut", () => {
  const values = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(values, fc.nat(3), fc.integer({ min: 1, max: 64 }), (list, indent, size) => {
      const bytes = Buffer.from(JSON.stringify(list, null, indent));
      const frames = framesOf(arrayFramer({ maxBytes: 1 << 20 }), bytes, size);
      expect(frames.map((frame) => JSON.parse(frame.bytes!.toString("utf8")) as unknown)).toEqual(
        JSON.parse(bytes.toString("utf8")),
      );
      for (const frame of frames)
        expect(
          bytes.subarray(frame.byteOffset, frame.byteOffset + frame.byteLength).equals(frame.bytes!),
        ).toBe(true);
    }),
    { numRuns: runs },
  );
});

test("big integers keep their digits, and no bytes at all make the parser throw", () => {
  const parsed = parseRecord(
    Buffer.from('{"a":9007199254740993,"b":0.1,"c":1e300,"d":-18446744073709551616}'),
    64,
  );
  expect(parsed).toEqual({
    kind: "record",
    value: { a: "9007199254740993", b: 0.1, c: 1e300, d: "-18446744073709551616" },
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseRecord(Buffer.from(bytes), 64)),
    { numRuns: runs },
  );
});
