import type { Client } from "pg";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { PostgresSource } from "../../schema/remote-source.ts";
import type { Effects } from "../../store/effects.ts";
import type { Source } from "../source.ts";
import { failure } from "./postgres-failure.ts";
import { postgresPlace } from "./postgres-url.ts";
import type { PostgresPlace } from "./postgres-url.ts";

const CONNECT_MS = 15_000;
const BATCH_BYTES = 4 << 20;
const NUMERIC = 1700;

/** The rows of a table or query as a source of JSON lines; nothing is asked before it is read. */
export function postgresSource(settings: PostgresSource, effects: Effects): Source {
  const place = postgresPlace(settings.url);
  const { table, query } = settings;
  if ((table === undefined) === (query === undefined))
    throw new WorkbenchError({
      code: "WB_SOURCE_INVALID",
      where: place.shown,
      what: "a database needs --table or --query, and one of them only",
      fix: "add --table name, or --query file.sql with one SELECT",
    });
  const name = table ?? query?.split("/").at(-1) ?? "";
  return {
    path: null,
    shown: `${place.shown} ${name}`,
    name,
    stream: () => rowLines(place, settings, effects),
  };
}

/**
 * One read-only transaction over one snapshot, read through a cursor. Each row is a JSON object made
 * by the server: integers to the digit, numeric as text, times in UTC, jsonb as it is, bytea as hex.
 */
async function* rowLines(
  place: PostgresPlace,
  settings: PostgresSource,
  effects: Effects,
): AsyncGenerator<Buffer> {
  const client = await connected(place, settings, effects);
  try {
    await client.query("begin transaction isolation level repeatable read, read only");
    await client.query("set local timezone to 'UTC'");
    await client.query("set local datestyle to 'ISO'");
    const select =
      settings.table === undefined
        ? await queryText(settings.query ?? "", effects)
        : await tableText(client, settings.table);
    const columns = await columnsOf(client, select);
    yield* batches(client, `select row_to_json(r)::text from (select ${columns} from (${select}\n) q) r`);
  } catch (error) {
    throw failure(error, place);
  } finally {
    // A server that went away cannot be told goodbye.
    await client.end().catch(() => undefined);
  }
}

async function connected(place: PostgresPlace, settings: PostgresSource, effects: Effects): Promise<Client> {
  const { default: pg } = await import("pg"); // not paid for by those who read files
  const { host, port, user, database, sslMode } = place;
  const password = effects.env(settings.passwordEnv);
  const client = new pg.Client({
    ...(host === undefined ? {} : { host: host.replace(/^\[(.*)\]$/, "$1") }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    ...(password === undefined ? {} : { password }),
    ssl: sslMode === "disable" ? false : await tlsOf(place, effects),
    application_name: "workbench ingest",
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // A connection that breaks between two reads fails the next one; without this it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw failure(error, place);
  }
}

/** `require` encrypts and trusts anybody, `verify-ca` asks for a known signer, `verify-full` for the name too. */
async function tlsOf({ sslMode, sslRootCert }: PostgresPlace, effects: Effects): Promise<object> {
  const ca = sslRootCert === undefined ? {} : { ca: Buffer.from(await effects.read(sslRootCert)) };
  if (sslMode === "require") return { rejectUnauthorized: false };
  return {
    ...ca,
    rejectUnauthorized: true,
    ...(sslMode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
  };
}

async function queryText(file: string, effects: Effects): Promise<string> {
  const text = Buffer.from(await effects.read(file)).toString("utf8");
  return text.replace(/^\ufeff/, "").replace(/;\s*$/, "");
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** In the order of its primary key, so that the same rows are the same bytes. */
async function tableText(client: Client, table: string): Promise<string> {
  const name = table.split(".").map(identifier).join(".");
  const found = await client.query<{ name: string }>(
    `select a.attname as name from pg_index i, unnest(i.indkey) with ordinality as k(attnum, place), pg_attribute a
     where i.indrelid = $1::regclass and i.indisprimary and a.attrelid = i.indrelid and a.attnum = k.attnum
     order by k.place`,
    [name],
  );
  const key = found.rows.map((row) => identifier(row.name)).join(", ");
  return `select * from ${name}${key === "" ? "" : ` order by ${key}`}`;
}

/** The columns of a SELECT; numeric is made text, as a JSON number would be rounded by whoever reads it. */
async function columnsOf(client: Client, select: string): Promise<string> {
  const { fields } = await client.query({ text: `select * from (${select}\n) q limit 0`, rowMode: "array" });
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined)
    throw new WorkbenchError({
      code: "WB_SOURCE_INVALID",
      where: "--query",
      what: `two columns are called ${quoted(twice)}`,
      fix: "give each its own name with AS",
    });
  return fields
    .map(
      ({ name, dataTypeID }) =>
        `q.${identifier(name)}${dataTypeID === NUMERIC ? "::text" : ""} as ${identifier(name)}`,
    )
    .join(", ");
}

async function* batches(client: Client, text: string): AsyncGenerator<Buffer> {
  const { default: Cursor } = await import("pg-cursor");
  const cursor = client.query(new Cursor<readonly [string]>(text, [], { rowMode: "array" }));
  for (let rows = 100; ;) {
    const read = await cursor.read(rows);
    if (read.length === 0) return;
    const batch = Buffer.from(read.map(([line]) => `${line}\n`).join(""));
    yield batch;
    // Few long rows or many short ones: what is held at once stays about the same.
    rows = Math.max(1, Math.min(10_000, Math.round((BATCH_BYTES * read.length) / batch.length)));
  }
}
