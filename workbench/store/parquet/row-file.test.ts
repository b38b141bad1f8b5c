import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Columns } from "../../catalog/columns.ts";
import { FEEDBACK_TYPES, INTERACTION_TYPES, columnsLiteral, duckType } from "../../catalog/columns.ts";
import type { Database } from "../../catalog/database.ts";
import { openDatabase } from "../../catalog/database.ts";
import { realEffects } from "../effects.ts";
import type { ColumnType, ColumnTypes } from "./column.ts";
import { groupWriter } from "./group-writer.ts";
import type { GroupWriter, Shape } from "./group-writer.ts";
import { rowFile } from "./row-file.ts";

type Row = Readonly<Record<string, unknown>>;

const DEPTH = process.env["WB_TEST_DEPTH"] === "full" ? 20 : 1;

interface Place {
  readonly db: Database;
  readonly path: (name: string) => string;
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "row-file-"));
  const db = await openDatabase({ allowed: [folder], temporary: join(folder, "tmp") });
  onTestFinished(() => db.close());
  return { db, path: (name) => join(folder, name) };
}

async function written(
  path: string,
  shape: Shape,
  add: (rows: Filling) => Promise<void> | void,
  known: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const file = await rowFile(path, shape, realEffects);
  const writer = groupWriter(shape);
  const flush = (): Promise<void> => writer.take((group) => file.append(group));
  await add({ ...writer, flush });
  await flush();
  await file.end(known);
}

/** Rows on their way to a file. */
interface Filling extends GroupWriter {
  readonly flush: () => Promise<void>;
}

const addAll =
  (rows: readonly Row[]) =>
  (file: Filling): void => {
    for (const row of rows) file.add(row, {});
  };

/** What DuckDB says a file holds: a JSON of each row, in order. */
async function readBack({ db }: Place, from: string, path: string): Promise<readonly unknown[]> {
  const rows = await db.rows<{ row: string }>(`select to_json(r) as row from ${from} as r`, { path });
  return rows.map(({ row }) => JSON.parse(row) as unknown);
}

async function described({ db }: Place, from: string, path: string): Promise<readonly unknown[]> {
  const sql = `select column_name, column_type from (describe select * from ${from})`;
  return db.rows(sql, { path });
}

/** The names, types and rows of a Parquet file are those of the same rows as lines of JSON. */
async function expectSame(at: Place, path: string, columns: Columns, json: string): Promise<void> {
  const [parquet, pinned] = ["read_parquet($path)", ofJson(columns)];
  expect(await described(at, parquet, path)).toEqual(await described(at, pinned, json));
  expect(await readBack(at, parquet, path)).toEqual(await readBack(at, pinned, json));
}

const lines = (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const ofJson = (columns: Columns): string =>
  `read_json($path, format = 'newline_delimited', maximum_object_size = 100000000, columns = ${columnsLiteral(columns)})`;

const typesIn = (columns: ColumnTypes): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, duckType(type)]));

// ── random trees and rows of them

const day = fc.integer({ min: Date.UTC(1, 0, 1) - 1900 * 31_556_952_000, max: Date.UTC(9999, 11, 31) });
const time = fc
  .tuple(day, fc.integer({ min: 0, max: 999_999 }))
  .map(
    ([ms, micros]) =>
      new Date(Math.max(ms, -62_135_596_800_000)).toISOString().slice(0, 19) +
      `.${String(micros).padStart(6, "0")}Z`,
  );
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "a\u0000b", "\u007f", "é".repeat(40), "x".repeat(70)),
);
// DuckDB's JSON reader and JSON.stringify write 1e21 differently, so no such number is drawn.
const anyJson = fc
  .jsonValue({ maxDepth: 2, noUnicodeString: false })
  .filter((value) => !/\de\+/.test(JSON.stringify(value)));

const SCALARS = {
  text: anyText,
  json: anyJson,
  uuid: fc.uuid(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  time,
} as const;

const typeTree = fc.letrec<{ type: ColumnType; struct: ColumnType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<ColumnType>("text", "json", "uuid", "int32", "int64", "double", "boolean", "time"),
    fc.record({ list: tie("type") }),
    tie("struct"),
  ),
  struct: fc
    .dictionary(fc.constantFrom("a", "b", "c"), tie("type"), { minKeys: 1 })
    .map((struct) => ({ struct })),
})).type;

const nullable = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.option(value, { freq: 3 });

function valueOf(type: ColumnType): fc.Arbitrary<unknown> {
  if (typeof type === "string") return SCALARS[type];
  if ("list" in type) return fc.array(nullable(valueOf(type.list)), { maxLength: 4 });
  if ("counts" in type)
    return fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer(), {
      maxKeys: 3,
      noNullPrototype: true,
    });
  return fc.record(membersOf(type.struct), { noNullPrototype: true, requiredKeys: [] });
}

const membersOf = (types: ColumnTypes): Record<string, fc.Arbitrary<unknown>> =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, nullable(valueOf(type))]));

const table = fc
  .dictionary(fc.constantFrom("p", "q", "r"), typeTree, { minKeys: 1, noNullPrototype: true })
  // Counts stand at the top alone: inside a struct that is null DuckDB's JSON reader gives a struct of nulls.
  .map((columns) => ({ ...columns, n: { counts: true as const } }))
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(
        fc.record(membersOf(columns), { noNullPrototype: true, requiredKeys: [] }) as fc.Arbitrary<Row>,
        {
          maxLength: 20,
        },
      ),
      flushAt: fc.nat(20),
    }),
  );

test(
  "any rows of any columns are read back as DuckDB reads the same rows from JSON",
  { timeout: 120_000 },
  async () => {
    const at = await place();
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, rows, flushAt }) => {
        const path = at.path("any.parquet");
        await written(path, { columns }, async (file) => {
          addAll(rows.slice(0, flushAt))(file);
          await file.flush();
          addAll(rows.slice(flushAt))(file);
        });
        await writeFile(at.path("any.jsonl"), lines(rows));
        await expectSame(at, path, typesIn(columns), at.path("any.jsonl"));
      }),
      { numRuns: 150 * DEPTH },
    );
  },
);

const rowsOf = (columns: ColumnTypes): fc.Arbitrary<readonly Row[]> =>
  fc.array(fc.record(membersOf(columns), { noNullPrototype: true, requiredKeys: [] }), {
    maxLength: 6,
  });

test.each([
  ["interactions", INTERACTION_TYPES],
  ["feedback", FEEDBACK_TYPES],
])("rows of %s are read back as from JSON, of the pinned types", { timeout: 120_000 }, async (_, columns) => {
  const at = await place();
  const beside = ["row_key", "line_no", "format", "feedback_id", "redactions"];
  await fc.assert(
    fc.asyncProperty(rowsOf(columns), async (rows) => {
      const path = at.path("rows.parquet");
      await written(path, { columns, beside }, (file) => {
        // What a row says itself of a column that comes beside it does not count.
        for (const row of rows) file.add({ ...row, feedback_id: "its own", line_no: null }, row);
      });
      await writeFile(at.path("rows.jsonl"), lines(rows));
      await expectSame(at, path, typesIn(columns), at.path("rows.jsonl"));
    }),
    { numRuns: 15 * DEPTH },
  );
});

const LARGE: ColumnTypes = {
  n: "int32",
  text: "text",
  tags: { list: "text" },
  turns: { list: { struct: { role: "text", words: { list: "text" }, score: "double", flag: "boolean" } } },
};

/** Rows of every length, with stretches that lack a column, so that runs and packed levels take turns. */
function largeRow(n: number): Row {
  const turns = Array.from({ length: (n * 7) % 5 }, (_, turn) => ({
    role: turn % 2 === 0 ? "user" : null,
    words:
      turn === 3
        ? null
        : Array.from({ length: (n + turn) % 4 }, (__, word) => (word === 2 ? null : `w${word}`)),
    score: n % 3 === 0 ? n / 7 : null,
    flag: n % 5 === 0 ? null : turn > 1,
  }));
  return {
    n,
    text: n % 100 < 40 ? null : `${n} `.repeat(n % 211),
    tags: n % 50 < 20 ? [] : n % 50 < 30 ? null : ["a", null, `${n}`],
    turns: n % 1000 < 300 ? null : turns,
  };
}

test("many row groups and pages are read back as from JSON, in order", { timeout: 60_000 }, async () => {
  const at = await place();
  const rows = Array.from({ length: 50_000 }, (_, n) => largeRow(n));
  const path = at.path("large.parquet");
  await written(path, { columns: LARGE }, async (file) => {
    for (const row of rows) {
      file.add(row, {});
      if (file.isFull()) await file.flush();
    }
  });
  await writeFile(at.path("large.jsonl"), lines(rows));
  const [same] = await at.db.rows(
    `select count(*) as rows, count(*) filter (p::varchar = j::varchar) as same, count(*) filter (p.n = place) as placed
     from (select *, row_number() over () - 1 as place from read_parquet($parquet)) as q
     positional join read_parquet($parquet) as p
     positional join ${ofJson(typesIn(LARGE)).replace("$path", "$json")} as j`,
    { parquet: path, json: at.path("large.jsonl") },
  );
  expect(same).toEqual({ rows: 50_000, same: 50_000, placed: 50_000 });
  const [groups] = await at.db.rows("select max(row_group_id) + 1 as n from parquet_metadata($path)", {
    path,
  });
  expect(groups).toEqual({ n: 3 });
});

test.each([undefined, "zstd"] as const)(
  "a column can be given at the end, and pages be compressed: %s",
  async (compression) => {
    const at = await place();
    const columns: ColumnTypes = { a: "int64", id: "text", b: "json" };
    const path = at.path("end.parquet");
    const rows = Array.from({ length: 3000 }, (_, n) => ({ a: n, b: [n, "x".repeat(n % 50)] }));
    const shape = { columns, atEnd: ["id"], ...(compression === undefined ? {} : { compression }) };
    await written(
      path,
      shape,
      async (file) => {
        for (const [n, row] of rows.entries()) {
          file.add({ ...row, id: "not this" }, {});
          if (n % 1000 === 999) await file.flush();
        }
      },
      { id: "abc" },
    );
    expect(await readBack(at, "read_parquet($path)", path)).toEqual(
      rows.map(({ a, b }) => ({ a, id: "abc", b })),
    );
    const codecs = await at.db.rows("select distinct compression as c from parquet_metadata($path)", {
      path,
    });
    expect(codecs).toEqual([{ c: compression === undefined ? "UNCOMPRESSED" : "ZSTD" }]);
  },
);

test("a chunk says its least and greatest value and how many are null", async () => {
  const at = await place();
  const columns: ColumnTypes = {
    i: "int32",
    l: "int64",
    d: "double",
    t: "time",
    s: "text",
    f: "boolean",
    j: "json",
  };
  const path = at.path("bounds.parquet");
  const times = ["2026-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z", "2100-01-01T00:00:00.000000Z"];
  const rows = [
    { i: 5, l: -(2 ** 40), d: 0.5, t: times[0], s: "b", f: true, j: 1 },
    { i: -7, l: 2 ** 32 + 5, d: -1e300, t: times[1], s: "é", f: false, j: 2 },
    { i: null, l: 2 ** 31, d: 7, t: times[2], s: "a", f: null, j: null },
  ];
  await written(path, { columns }, addAll(rows));
  const sql =
    "select path_in_schema as c, stats_min_value as least, stats_max_value as greatest, stats_null_count as nulls";
  expect(await at.db.rows(`${sql} from parquet_metadata($path)`, { path })).toEqual([
    { c: "i", least: "-7", greatest: "5", nulls: 1 },
    { c: "l", least: `${-(2 ** 40)}`, greatest: `${2 ** 32 + 5}`, nulls: 0 },
    { c: "d", least: "-1e+300", greatest: "7.0", nulls: 0 },
    { c: "t", least: "1969-12-31 23:59:59.999999+00", greatest: "2100-01-01 00:00:00+00", nulls: 0 },
    { c: "s", least: "a", greatest: "é", nulls: 0 },
    { c: "f", least: "false", greatest: "true", nulls: 1 },
    { c: "j", least: null, greatest: null, nulls: 1 },
  ]);
});

test("a file without rows is valid", async () => {
  const at = await place();
  const path = at.path("none.parquet");
  await written(path, { columns: INTERACTION_TYPES }, () => undefined);
  expect(await readBack(at, "read_parquet($path)", path)).toEqual([]);
});

test.each<[ColumnType, unknown]>([
  ["text", 1],
  ["json", () => 1],
  ["uuid", "0".repeat(36)],
  ["uuid", "zzzzzzzz-0000-4000-8000-000000000000"],
  ["int32", 2 ** 31],
  ["int32", 0.5],
  ["int64", 2 ** 53],
  ["double", Number.NaN],
  ["boolean", 1],
  ["time", "2026-01-01T00:00:00Z"],
  ["time", "2026-13-01T00:00:00.000000Z"],
  ["time", "2026-01-01T00:00:00.00000xZ"],
  [{ list: "text" }, "a"],
  [{ struct: { a: "text" } }, ["a"]],
  [{ counts: true }, { a: "1" }],
])("a column of %j does not take %o", (type, value) => {
  const writer = groupWriter({ columns: { c: type } });
  expect(() => writer.add({ c: value }, {})).toThrow(/^column c[.\w]* takes /);
});
