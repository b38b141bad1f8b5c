import { basename, join } from "node:path";
import { FEEDBACK_FILE, MANIFEST_FILE, QUARANTINE_FILE, RAW_FILE, ROWS_FILE } from "../catalog/segments.ts";
import type { ImportCounts, ImportManifest } from "../schema/import.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import { fileRef } from "../store/hash.ts";
import type { Loaded } from "./load.ts";
import type { ReadOutcome } from "./read-all.ts";
import type { Writing } from "./writing.ts";

export interface Committing {
  readonly id: string;
  readonly sha256: string;
  readonly byteEnd: number;
  readonly counts: ImportCounts;
  readonly read: ReadOutcome;
  readonly loaded: Loaded;
  readonly writing: Writing;
}

/** The manifest goes last: before it there is no import, after it the import is whole. */
export async function commit(folder: string, committing: Committing): Promise<ImportManifest> {
  const { id, sha256, byteEnd, counts, read, loaded, writing } = committing;
  const { source, plan, opened, format, importer, policySha256, context } = writing;
  const { effects, request } = context;
  const names = [
    ...(loaded.interactions > 0 ? [ROWS_FILE] : []),
    ...(loaded.feedback > 0 ? [FEEDBACK_FILE] : []),
    QUARANTINE_FILE,
    ...(context.vault === null ? [] : [RAW_FILE]),
  ];
  await effects.fsync(join(folder, QUARANTINE_FILE));
  if (context.vault !== null) await effects.fsync(join(folder, RAW_FILE));
  const files = [];
  for (const name of names) files.push(await fileRef(folder, name, effects));
  const manifest: ImportManifest = {
    schema: "workbench/import@1",
    id,
    kind: loaded.interactions === 0 && loaded.feedback > 0 ? "feedback" : "interactions",
    source: {
      label: request.label ?? source.name ?? (source.path === null ? "stdin" : basename(source.path)),
      sha256,
      byteStart: plan.byteStart,
      byteEnd,
      fileSha256: plan.bytes?.sha256 ?? read.sha256,
      fileBytes: plan.bytes?.bytes ?? read.bytes,
      lines: read.nextLine - 1,
      packing: opened.packing,
      framing: opened.framing,
      ...(source.tag === undefined ? {} : { tag: source.tag }),
    },
    format: format.name,
    importer,
    redaction: { policySha256, keyId: context.key.id, counts: read.redactions, report: read.redaction },
    counts,
    rows: { interactions: loaded.interactions, feedback: loaded.feedback },
    lossy: read.lossy.map((line) => ({ ...line })),
    continues: plan.continues?.id ?? null,
    replaces: plan.replaces.at(-1) ?? null,
    replacesAlso: plan.replaces.slice(0, -1),
    ...(source.retries === undefined ? {} : { retries: source.retries }),
    files,
    at: effects.now().toISOString(),
  };
  await replaceFile(join(folder, MANIFEST_FILE), jsonText(manifest), effects);
  return manifest;
}
