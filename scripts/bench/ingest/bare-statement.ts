// The peer: DuckDB's own statement from JSON lines to Parquet, as anybody would write it. Two threads.
// `always` is a member that every good record has: rows without it are what broken lines became. It loses rows beside broken ones, finds no duplicates and redacts nothing.
import { DuckDBInstance } from "@duckdb/node-api";

const [log = "", target = "", always = "", options = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
await connection.run(
  `copy (from read_json('${log}', format = 'newline_delimited', ignore_errors = true)) to '${target}' (format parquet${options})`,
);
const reader = await connection.runAndReadAll(
  `select count(*)::integer, count("${always}")::integer from read_parquet('${target}')`,
);
const [rows, whole] = reader.getRows()[0] ?? [];
console.log(JSON.stringify({ rows, whole }));
