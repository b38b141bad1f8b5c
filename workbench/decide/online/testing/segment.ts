import { join } from "node:path";
import { columnsLiteral, INTERACTION_COLUMNS } from "../../../catalog/columns.ts";
import { openDatabase, sqlText } from "../../../catalog/database.ts";
import { importFolder, ROWS_FILE } from "../../../catalog/segments.ts";
import { userKey } from "../../../redact/pseudonym.ts";
import { digestOf, sha256 } from "../../../schema/canonical.ts";
import type { ImportManifest } from "../../../schema/import.ts";
import { jsonText, replaceFile } from "../../../store/atomic.ts";
import { realEffects } from "../../../store/effects.ts";
import { fileRef } from "../../../store/hash.ts";
import type { Project } from "../../../store/paths.ts";

/** Writes calls as an import would leave them, without reading them as an import would: for tests of what comes after. */
export async function writeSegment(
  project: Project,
  calls: readonly Readonly<Record<string, unknown>>[],
  key: Uint8Array,
): Promise<void> {
  const id = digestOf(calls).slice(0, 32);
  const folder = importFolder(project, id);
  const rows = calls.map((call, i) =>
    JSON.stringify({
      interaction_id: sha256(JSON.stringify([call["source_id"], call["started_at"]])).slice(0, 32),
      kind: "llm",
      ...call,
      user_key: userKey((call["user_key"] as string | undefined) ?? null, key),
      row_key: uuidOf(`${id} ${i}`),
      import_id: id,
      line_no: i + 1,
      part: 0,
      byte_offset: 0,
      byte_length: 1,
      format: "workbench",
    }),
  );
  const spool = join(folder, "spool.jsonl");
  await replaceFile(spool, rows.join("\n"));
  const db = await openDatabase({ allowed: [folder], temporary: join(folder, "tmp") });
  const columns = columnsLiteral(INTERACTION_COLUMNS);
  const target = sqlText(join(folder, ROWS_FILE));
  await db.run(
    `copy (select * from read_json($spool, format = 'newline_delimited', columns = ${columns})) to ${target} (format parquet)`,
    { spool },
  );
  db.close();
  await realEffects.remove(spool);
  const manifest: ImportManifest = {
    schema: "workbench/import@1",
    id,
    kind: "interactions",
    source: { label: "test", sha256: digestOf(calls), byteStart: 0, byteEnd: 1 },
    format: "workbench",
    importer: "test@1",
    redaction: { policySha256: sha256("none"), keyId: "test", counts: {} },
    counts: {
      read: rows.length,
      stored: rows.length,
      known: 0,
      quarantined: 0,
      blank: 0,
    },
    lossy: [],
    continues: null,
    replaces: null,
    files: [await fileRef(folder, ROWS_FILE)],
    at: "2026-11-20T12:00:00.000Z",
  };
  await replaceFile(join(folder, "manifest.json"), jsonText(manifest));
}

function uuidOf(text: string): string {
  const hex = sha256(text);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
