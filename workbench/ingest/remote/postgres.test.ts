import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realEffects } from "../../store/effects.ts";
import { requires } from "../../testing/requires.ts";
import { testPostgres } from "../testing/postgres.ts";
import type { TestPostgres } from "../testing/postgres.ts";
import { still, testProject } from "../testing/project.ts";
import type { TestProject } from "../testing/project.ts";
import { postgresPlace } from "./postgres-url.ts";

const bin = requires("postgres");

const MAPPING = `schema: workbench/mapping@1
name: calls
row:
  source_id: "call/{$.id}"
  started_at: $.asked
  cost_usd: $.cost
  input_tokens: $.tokens
  task_completed: $.solved
  messages: [{ role: user, content: $.question }]
  output: [{ role: assistant, content: $.answer }]
keep: [$.big, $.detail, $.raw, $.list, $.exact, $.nan]
`;

const TABLE = `create table calls (
  id int primary key, asked timestamptz, cost numeric(30, 20), tokens bigint, solved boolean, question text, answer text,
  big bigint, exact numeric, detail jsonb, raw bytea, list text[], nan float8)`;
const ROWS = `insert into calls select i, timestamptz '2026-01-01 02:00:00.123456+02', 0.0012, 61, i % 2 = 0,
  'question ' || i, 'answer', 9223372036854775807, 12345678901234567890.123456789, '{"a": [1, "é", null]}',
  '\\x00ff', array['a', 'b"c'], 'NaN' from generate_series(1, 2500) i`;

describe.skipIf(bin === null)("a PostgreSQL server", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await testPostgres(bin ?? "");
    await server.run(TABLE, ROWS);
  }, 60_000);
  afterAll(() => server.stop());

  const effects = {
    ...still,
    env: (name: string) => (name === "DESK_PASSWORD" ? server.password : realEffects.env(name)),
  };
  const read = async (at: TestProject, more: object, url = server.url) =>
    at.ingest(
      url,
      { mapping: await at.write("m.yaml", MAPPING), postgres: { passwordEnv: "DESK_PASSWORD", ...more } },
      effects,
    );

  test("a table becomes interactions, every value to the digit, and again adds nothing", async () => {
    const at = await testProject();
    const first = await read(at, { table: "calls" });
    expect(first.totals).toEqual({ read: 2500, stored: 2500, known: 0, quarantined: 0, blank: 0 });
    const row = (await at.rows()).find(({ source_id }) => source_id === "call/42");
    expect(row).toMatchObject({
      line_no: 42,
      started_at: "2026-01-01T00:00:00.123456Z",
      cost_usd: 0.0012,
      input_tokens: 61,
      task_completed: true,
      extra: {
        big: "9223372036854775807",
        exact: "12345678901234567890.123456789",
        detail: { a: [1, "é", null] },
        raw: "\\x00ff",
        list: ["a", 'b"c'],
        nan: "NaN",
      },
    });
    expect((await read(at, { table: "public.calls" })).sources[0]?.outcome).toBe("unchanged");
    await server.run(
      "insert into calls (id, question, answer) values (9001, 'new', 'a')",
      "update calls set answer = 'b' where id = 7",
    );
    expect((await read(at, { table: "calls" })).totals).toMatchObject({ read: 2501, stored: 2, known: 2499 });
    await server.run("delete from calls where id = 9001", "update calls set answer = 'answer' where id = 7");
  });

  test("a query in a file, and what it may not do", async () => {
    const at = await testProject();
    const query = async (sql: string) => read(at, { query: await at.write("q.sql", sql) });
    expect(
      (await query("-- the solved ones\nselect * from calls where solved order by id; \n")).totals.stored,
    ).toBe(1250);
    await expect(query("delete from calls returning *")).rejects.toMatchObject({
      code: "WB_SOURCE_INVALID",
      exitCode: 2,
    });
    await expect(query("select 1) q; drop table calls; --")).rejects.toMatchObject({
      code: "WB_SOURCE_INVALID",
    });
    await expect(query("select setval('x', 1)")).rejects.toMatchObject({ code: "WB_SOURCE_INVALID" });
    await expect(query("select id, id from calls")).rejects.toThrow(/two columns are called "id"/);
    await expect(read(at, { table: 'calls"; drop table calls; --' })).rejects.toMatchObject({
      code: "WB_SOURCE_INVALID",
    });
    expect((await query("select * from calls where solved order by id")).sources[0]?.outcome).toBe(
      "unchanged",
    );
  });

  test("a failure in the middle keeps nothing, and the connection is let go", async () => {
    const at = await testProject();
    const query = await at.write("q.sql", "select *, 1 / (2400 - id) as x from calls order by id");
    await expect(read(at, { query })).rejects.toMatchObject({
      code: "WB_SOURCE_INVALID",
      what: expect.stringContaining("22012"),
    });
    expect(await at.digests()).toEqual([]);
    await server.run(
      "do $$ begin assert (select count(*) from pg_stat_activity where application_name like 'workbench%') = 0; end $$",
    );
  });

  test("TLS: verified by its certificate, refused without one, and the password is nowhere to be read", async () => {
    const at = await testProject();
    const full = `${server.url}?sslmode=verify-full&sslrootcert=${server.certificate}`;
    expect((await read(at, { table: "calls" }, full)).totals.stored).toBe(2500);
    await expect(read(at, { table: "calls" }, `${server.url}?sslmode=verify-full`)).rejects.toMatchObject({
      code: "WB_ENDPOINT_DOWN",
      exitCode: 5,
    });
    for (const line of await at.digests()) {
      const text = await readFile(
        join(at.project.private, "interactions", line.split(" ")[0] ?? ""),
        "latin1",
      );
      expect(text).not.toContain(server.password);
      expect(text).not.toContain("app@");
    }
  });

  test("a wrong password, a missing table and a server that is not there each say so", async () => {
    const at = await testProject();
    const wrong = read(at, { table: "calls", passwordEnv: "HOME" });
    await expect(wrong).rejects.toMatchObject({ code: "WB_KEY_REFUSED", exitCode: 2 });
    await expect(wrong).rejects.not.toThrow(new RegExp(process.env["HOME"] ?? "-"));
    await expect(read(at, { table: "nothing" })).rejects.toMatchObject({ code: "WB_SOURCE_INVALID" });
    await expect(read(at, { table: "calls" }, "postgres://app@127.0.0.1:1/x")).rejects.toMatchObject({
      exitCode: 5,
    });
  });
});

test("an address holds no password, and other machines are asked for a certificate", () => {
  expect(() => postgresPlace("postgres://app:secret@db/x")).toThrow(/holds a password/);
  expect(() => postgresPlace("postgres://app:secret@db/x")).not.toThrow(/secret/);
  expect(() => postgresPlace("postgres://db/x?password=secret")).toThrow(/"password"/);
  expect(postgresPlace("postgres://app@db.example.org:6432/desk")).toMatchObject({
    host: "db.example.org",
    port: 6432,
    user: "app",
    database: "desk",
    sslMode: "verify-full",
    shown: "postgres://db.example.org:6432/desk",
  });
  for (const here of ["localhost", "127.0.0.1", "[::1]"])
    expect(postgresPlace(`postgres://${here}/x`).sslMode).toBe("disable");
  expect(postgresPlace("postgres:///x?host=/run/postgresql").sslMode).toBe("disable");
  expect(postgresPlace("postgres://db/x?sslmode=require").sslMode).toBe("require");
});
