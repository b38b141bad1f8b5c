/**
 * A process of its own that reads a Parquet file of others and prints its rows as JSON lines: DuckDB
 * trusts such files, so a hostile one may take the process down, and only this one.
 * `node parquet-child.ts <absolute path> <temporary folder>`; what is wrong goes to stderr, exit 1.
 */
import { once } from "node:events";
import { dirname } from "node:path";
import { openDatabase, sqlText } from "../catalog/database.ts";

interface Column {
  readonly column_name: string;
  readonly column_type: string;
}

const BATCH_BYTES = 1 << 18;

/** A column as JSON can hold it: wide decimals as text, bytes as text or base64, NaN as nothing. */
function castOf({ column_name, column_type }: Column): string {
  const name = `"${column_name.replaceAll('"', '""')}"`;
  const digits = /^DECIMAL\((\d+),/.exec(column_type)?.[1];
  if (column_type === "BLOB") return `coalesce(try(decode(${name})), to_base64(${name})) as ${name}`;
  if (digits !== undefined && Number(digits) > 15) return `${name}::varchar as ${name}`;
  if (column_type === "DOUBLE" || column_type === "FLOAT") return `nullif(${name}, 'nan') as ${name}`;
  return name;
}

async function printRows(path: string, temporary: string): Promise<void> {
  const db = await openDatabase({ allowed: [dirname(path)], temporary });
  const file = `read_parquet(${sqlText(path)})`;
  const columns = await db.rows<Column>(`select column_name, column_type from (describe from ${file})`);
  const rows = db.stream<{ readonly line: string }>(
    `select to_json(r)::varchar as line from (select ${columns.map(castOf).join(", ")} from ${file}) r`,
  );
  let batch = "";
  for await (const { line } of rows) {
    batch += `${line}\n`;
    if (batch.length < BATCH_BYTES) continue;
    if (!process.stdout.write(batch)) await once(process.stdout, "drain");
    batch = "";
  }
  process.stdout.write(batch);
}

const [path, temporary] = process.argv.slice(2);
if (path === undefined || temporary === undefined) throw new TypeError("a path and a folder are due");
try {
  await printRows(path, temporary);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
