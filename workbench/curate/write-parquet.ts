import { version } from "@duckdb/node-api";
import { join } from "node:path";
import { openDatabase, sqlText } from "../catalog/database.ts";
import { filled, sqlFile } from "../catalog/sql.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";

/** One table to write: rows as plain objects, columns with their DuckDB types. */
export interface ParquetFile {
  readonly name: string;
  readonly rows: readonly object[];
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * Writes Parquet files into `folder`. One DuckDB thread over lines that are in order already, so
 * the bytes depend on rows, columns and the DuckDB version alone.
 */
export async function writeParquet(
  folder: string,
  files: readonly ParquetFile[],
  effects: Effects = realEffects,
): Promise<void> {
  const database = await openDatabase({ allowed: [folder], temporary: join(folder, ".spill") });
  try {
    const copy = await sqlFile("write-parquet.sql", import.meta.url, effects);
    for (const { name, rows, columns } of files) {
      const staged = join(folder, `.${name}.jsonl`);
      await effects.write(staged, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      const pinned = Object.entries(columns).map(([column, type]) => `"${column}": '${type}'`);
      await database.run(
        filled(copy, {
          source: sqlText(staged),
          target: sqlText(join(folder, name)),
          columns: `{${pinned.join(", ")}}`,
        }),
      );
      await effects.remove(staged);
      await effects.fsync(join(folder, name));
    }
  } finally {
    database.close();
  }
}

/** For the manifest: Parquet bytes are promised for this version only. */
export function duckdbVersion(): string {
  return version();
}
