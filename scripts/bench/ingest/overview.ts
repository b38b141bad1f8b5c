import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { openCatalog } from "../../../workbench/catalog/catalog.ts";
import { INTERACTION_COLUMNS } from "../../../workbench/catalog/columns.ts";
import { importFolder } from "../../../workbench/catalog/segments.ts";
import type { ImportManifest } from "../../../workbench/schema/import.ts";
import { fileRef } from "../../../workbench/store/hash.ts";
import { projectAt } from "../../../workbench/store/paths.ts";
import type { Project } from "../../../workbench/store/paths.ts";
import type { Workplace } from "./workplace.ts";

/** A query or a step, and how long it took on the clock. */
export interface Timed {
  readonly what: string;
  readonly seconds: number;
  readonly bar: string;
}

const SEGMENT_ROWS = 1_000_000;

/** What people ask first of a large store. The last is a page of `workbench logs`. */
const QUERIES: Readonly<Record<string, string>> = {
  "volume per day": "select day, count(*) from interactions group by day order by day",
  "by model: calls, tokens, cost":
    "select model_served, count(*), sum(input_tokens + output_tokens), sum(cost_usd) from interactions group by model_served order by 2 desc",
  "latency p50, p95, p99 by model":
    "select model_served, approx_quantile(latency_ms, [0.5, 0.95, 0.99]) from interactions group by model_served order by 1",
  "feedback mean by kind": "select kind, avg(value), count(*) from feedback group by kind",
  "share of errors per day":
    "select day, count(*) filter (status = 'error') / count(*) from interactions group by day order by day",
  "one day: calls by hour and model":
    "select date_trunc('hour', started_at) as hour, model_served, count(*), avg(latency_ms) from interactions where started_at >= timestamptz '2026-09-20' and started_at < timestamptz '2026-09-21' group by all order by all",
  "one day: its last 20 interactions":
    "select interaction_id, started_at, model_served, status, latency_ms, messages from interactions where started_at >= timestamptz '2026-09-20' and started_at < timestamptz '2026-09-21' order by started_at desc limit 20",
};

/** Writes segments of the store's own columns, indexes them, and asks. */
export async function overview(place: Workplace, rows: number): Promise<readonly Timed[]> {
  const project = projectAt(place.path("scale"));
  await writeSegments(project, rows, SEGMENT_ROWS);
  const index = await place.command("scale", "index");
  const opening = performance.now();
  const catalog = await openCatalog(project);
  const timed: Timed[] = [
    { what: "`workbench index`, everything new", seconds: index.wallS, bar: "" },
    { what: "open the catalog: every segment's SHA-256 is checked", seconds: since(opening), bar: "" },
  ];
  for (const [what, sql] of Object.entries(QUERIES)) {
    const started = performance.now();
    const found = await catalog.rows(sql);
    if (found.length === 0) throw new Error(`${what}: no row`);
    timed.push({ what, seconds: since(started), bar: "< 1 s" });
  }
  catalog.close();
  return timed;
}

/** A store of `rows` interactions in segments of `each`. */
export async function writeSegments(project: Project, rows: number, each: number): Promise<void> {
  for (let from = 0; from < rows; from += each)
    await writeSegment(project, { from, to: Math.min(rows, from + each), of: rows });
}

const since = (started: number): number => (performance.now() - started) / 1000;

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

async function writeSegment(project: Project, stretch: Stretch): Promise<void> {
  const { from, to } = stretch;
  const id = from.toString(16).padStart(32, "0");
  const folder = importFolder(project, id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "quarantine.jsonl"), "");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  await connection.run(
    `copy (select ${columns(id, stretch)} from range(${from}, ${to}) as r(i)) to '${join(folder, "rows.parquet")}' (format parquet, compression zstd, compression_level 1, row_group_size 20480)`,
  );
  connection.closeSync();
  instance.closeSync();
  const files = [await fileRef(folder, "rows.parquet"), await fileRef(folder, "quarantine.jsonl")];
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifestOf(id, to - from, files)));
}

const MESSAGE =
  "'parts': null::JSON, 'name': null::VARCHAR, 'tool_calls': []::STRUCT(id VARCHAR, \"name\" VARCHAR, arguments JSON)[], 'tool_call_id': null::VARCHAR";
const TEXT = "repeat(md5((i * 7)::VARCHAR) || ' ', 4)";

/** The pseudonym of the user of that number: a pseudonym has no 0, 1, 8 and 9. */
const USER_KEY = (nth: string): string =>
  `'[USER:' || translate(substr(md5((${nth})::VARCHAR), 1, 10), '0189', 'ghij') || ']'`;

/** Expressions for the columns that overviews read, and the texts beside them; the rest is empty. */
const FILLED: Readonly<Record<string, string>> = {
  interaction_id: "md5('id' || i)",
  row_key: "md5('key' || i)::UUID",
  line_no: "i + 1",
  part: "0",
  byte_offset: "i * 2000",
  byte_length: "2000",
  format: "'workbench'",
  source_id: "'req-' || i",
  kind: "'llm'",
  conversation_id: "'conv-' || (i // 3)",
  user_key: USER_KEY("i % 50000"),
  model_requested: "'model-' || (hash(i) % 5)",
  model_served: "'model-' || (hash(i) % 5)",
  status: "case when hash(i, 1) % 50 = 0 then 'error' else 'ok' end",
  input_tokens: "(100 + hash(i, 2) % 900)::BIGINT",
  output_tokens: "(20 + hash(i, 3) % 400)::BIGINT",
  latency_ms: "200 + exp(5 + (hash(i, 4) % 1000) / 350)",
  cost_usd: "(hash(i, 5) % 10000) / 1e6",
  messages: `[{'role': 'user', 'content': ${TEXT}, ${MESSAGE}}]`,
  output: `[{'role': 'assistant', 'content': ${TEXT}, ${MESSAGE}, 'finish_reason': 'stop'}]`,
  feedback:
    "case when i % 5 = 0 then [{'kind': 'rating', 'raw': '4'::JSON, 'value': (hash(i, 6) % 5) / 2 - 1, 'label': null, 'comment': null, 'corrected_text': null, 'correction_kind': null, 'rater': null, 'occurred_at': null, 'reason': null}] else [] end",
};

const PERIOD_US = 90 * 86_400e6;

/** The select list of a segment: every column of the schema, times spread evenly over ninety days. */
function columns(id: string, { of }: Stretch): string {
  const started = `timestamptz '2026-09-01' + to_microseconds((i * ${PERIOD_US / of})::BIGINT)`;
  const filled: Readonly<Record<string, string>> = {
    ...FILLED,
    import_id: `'${id}'`,
    started_at: started,
    ended_at: `${started} + interval 1 second`,
  };
  return Object.entries(INTERACTION_COLUMNS)
    .map(([name, type]) => {
      const value = filled[name] ?? (type.endsWith("[]") ? "[]" : "null");
      return `(${value})::${type} as "${name}"`;
    })
    .join(", ");
}

function manifestOf(id: string, rows: number, files: ImportManifest["files"]): ImportManifest {
  const nothing = "0".repeat(64);
  return {
    schema: "workbench/import@1",
    id,
    kind: "interactions",
    source: { label: "generated", sha256: nothing, byteStart: 0, byteEnd: rows },
    format: "workbench",
    importer: "workbench@1.1",
    redaction: { policySha256: nothing, keyId: "generated", counts: {} },
    counts: { read: rows, stored: rows, known: 0, quarantined: 0, blank: 0 },
    lossy: [],
    continues: null,
    replaces: null,
    files,
    at: new Date(Date.UTC(2026, 10, 20)).toISOString(),
  };
}
