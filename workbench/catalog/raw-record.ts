import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { SealedRecord, openRecord } from "../store/raw-vault.ts";
import type { Catalog } from "./catalog.ts";
import { RAW_FILE, listImports, segmentFile, verifySegment } from "./segments.ts";

export interface RawRequest {
  readonly project: Project;
  readonly catalog: Catalog;
  readonly interaction: string;
  readonly workspace: Uint8Array;
}

/** The bytes of the record that an interaction came from, as the log had them. Needs the workspace key. */
export async function readRaw(
  { project, catalog, interaction, workspace }: RawRequest,
  effects: Effects,
): Promise<Buffer> {
  const [row] = await catalog.rows<{ import_id: string; line_no: number }>(
    "select import_id, line_no from interactions where interaction_id = $id",
    { id: interaction },
  );
  const manifest = (await listImports(project, effects)).find(({ id }) => id === row?.import_id);
  const path = manifest ? segmentFile(project, manifest, RAW_FILE) : null;
  if (row && manifest && path !== null) {
    await verifySegment(project, manifest, effects);
    const sealed = await recordAt(path, row.line_no, effects);
    if (sealed) return openRecord(project, sealed, { workspace, effects });
  }
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: "<interaction>",
    what: `there is no raw record of ${quoted(interaction)}`,
    why: row ? "its log was ingested without --keep-raw, or the record is about several people" : "no interaction has this id",
    fix: row ? "ingest new logs with --keep-raw" : "take an id from workbench logs",
  }); // prettier-ignore
}

async function recordAt(path: string, line: number, effects: Effects): Promise<SealedRecord | null> {
  let rest = "";
  for await (const chunk of effects.stream(path)) {
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n"); // it is all base64 and digits
    rest = lines.pop() ?? "";
    for (const text of lines) {
      if (!text.includes(`"line":${line},`)) continue;
      const record = SealedRecord.parse(JSON.parse(text));
      if (record.line === line) return record;
    }
  }
  return null;
}
