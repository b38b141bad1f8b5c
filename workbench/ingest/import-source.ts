import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import {
  FEEDBACK_FILE,
  MANIFEST_FILE,
  QUARANTINE_FILE,
  ROWS_FILE,
  importFolder,
  importsFolder,
  segmentFile,
  verifySegment,
} from "../catalog/segments.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { IsErased } from "../redact/erased.ts";
import type { Policy } from "../redact/policy.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ImportCounts, ImportManifest } from "../schema/import.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { fileRef } from "../store/hash.ts";
import type { Lossy } from "./fields.ts";
import type { Format } from "./formats/format.ts";
import type { IngestRequest } from "./ingest.ts";
import type { WorkspaceKey } from "./key.ts";
import { hashSource, importId } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { load } from "./load.ts";
import type { Loaded } from "./load.ts";
import { formatOf, openSource } from "./open.ts";
import type { Opened } from "./open.ts";
import { planOf } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { quarantineCount } from "./quarantine.ts";
import type { Source } from "./source.ts";
import { readAll } from "./read-all.ts";
import type { ReadOutcome } from "./read-all.ts";

/** Raised when the steps common to all formats give other rows for the same record. */
const IMPORTER = 1;

export interface ImportContext {
  readonly request: IngestRequest;
  readonly mapping: Format | null;
  readonly key: WorkspaceKey;
  readonly policy: Policy;
  readonly isErased: IsErased | null;
  readonly limits: Limits;
  readonly imports: readonly ImportManifest[];
  readonly effects: Effects;
}

/** What became of one source. */
export interface SourceReport {
  readonly source: string;
  /** imported, continued (only the tail), replaced; unchanged and empty made no import. */
  readonly outcome: "imported" | "continued" | "replaced" | "unchanged" | "empty";
  readonly import: string | null;
  readonly format: string | null;
  readonly confidence: number | null;
  readonly counts: ImportCounts;
  readonly interactions: number;
  readonly feedback: number;
  readonly redactions: Readonly<Record<string, number>>;
  readonly lossy: readonly Lossy[];
  readonly reasons: Readonly<Record<string, number>>;
}

/** One source from bytes to segment; see docs/ingest.md for the steps. */
export async function importSource(source: Source, context: ImportContext): Promise<SourceReport> {
  const { request, effects } = context;
  const bytes = source.path === null ? null : await hashSource(source.path, context.imports, effects);
  const identity = (format: Format): Reading => ({
    importer: `${format.name}@${format.version}.${IMPORTER}`,
    policySha256: digestOf({ policy: context.policy.digest, key: context.key.id }),
  });
  const plan = await planOf(source, bytes, { ...context, identity });
  if (plan.kind === "unchanged") return nothingNew(source, plan.manifest, "unchanged");
  const opened = await openSource(source, plan, {
    effects,
    limits: context.limits,
    stdin: request.stdin ?? none(),
  });
  const detected = plan.format ?? formatOf(opened, request.format, source.shown);
  if (detected === null) return nothingNew(source, null, "empty");
  const staging = join(
    importsFolder(request.project),
    `staging-${Buffer.from(effects.random(6)).toString("hex")}`,
  );
  try {
    return await write(staging, { source, opened, plan, ...detected, ...identity(detected.format), context });
  } finally {
    await effects.remove(staging);
  }
}

/** How bytes are read, the format's name apart. */
export interface Reading {
  readonly importer: string;
  readonly policySha256: string;
}

interface Writing extends Reading {
  readonly source: Source;
  readonly opened: Opened;
  readonly plan: Extract<Plan, { kind: "import" }>;
  readonly format: Format;
  readonly confidence: number;
  readonly context: ImportContext;
}

async function write(staging: string, writing: Writing): Promise<SourceReport> {
  const { source, plan, format, importer, policySha256, context } = writing;
  const { effects, request } = context;
  await effects.mkdir(staging);
  const read = await readAll(staging, writing);
  if (read.records === 0) return nothingNew(source, null, "empty");
  if (plan.continues !== null && read.onlyUnterminated)
    return nothingNew(source, plan.continues, "unchanged");
  const { sha256, byteEnd } = await endOf(writing, read);
  const id = importId({
    sha256,
    byteStart: plan.byteStart,
    byteEnd,
    format: format.name,
    importer,
    policySha256,
  });
  const folder = importFolder(request.project, id);
  const existing = context.imports.find((manifest) => manifest.id === id);
  if (existing) return nothingNew(source, existing, "unchanged");
  await effects.rename(staging, folder);
  const loaded = await load(
    {
      importId: id,
      folder,
      root: importsFolder(request.project),
      keys: join(folder, "keys.csv"),
      rows: join(folder, "rows.spool"),
      feedback: join(folder, "feedback.spool"),
      longestRow: read.longestRow,
      earlier: await earlierFiles(writing),
      erased: read.erased.map(({ rowKey }) => rowKey),
    },
    effects,
  );
  for (const name of ["keys.csv", "rows.spool", "feedback.spool"]) await effects.remove(join(folder, name));
  const counts = await conserved(folder, { read, loaded, source, effects });
  await commit(folder, { id, sha256, byteEnd, counts, read, loaded, writing });
  return {
    source: source.shown,
    outcome: plan.continues ? "continued" : plan.replaces.length > 0 ? "replaced" : "imported",
    import: id,
    format: format.name,
    confidence: writing.confidence,
    counts,
    interactions: loaded.interactions,
    feedback: loaded.feedback,
    redactions: read.redactions,
    lossy: read.lossy,
    reasons: read.reasons,
  };
}

/** Where this import's bytes end: before a last line that its writer has not finished. */
async function endOf(writing: Writing, read: ReadOutcome): Promise<{ sha256: string; byteEnd: number }> {
  const { source, plan, opened, context } = writing;
  if (source.path === null || plan.bytes === null) return { sha256: read.sha256, byteEnd: read.bytes };
  if (read.unterminatedAt === null || opened.packing !== "none" || opened.framing !== "lines")
    return { sha256: plan.bytes.sha256, byteEnd: plan.bytes.bytes };
  const hash = createHash("sha256");
  if (read.unterminatedAt > 0)
    for await (const chunk of context.effects.stream(source.path, { start: 0, end: read.unterminatedAt }))
      hash.update(chunk);
  return { sha256: hash.digest("hex"), byteEnd: read.unterminatedAt };
}

/** Parquet files whose rows are known, checked first: a rotten key would double or lose a row. */
async function earlierFiles({ plan, context }: Writing): Promise<readonly string[]> {
  const { project } = context.request;
  const files: string[] = [];
  for (const manifest of context.imports) {
    if (plan.replaces.includes(manifest.id)) continue;
    await verifySegment(project, manifest, context.effects);
    for (const name of [ROWS_FILE, FEEDBACK_FILE]) {
      const path = segmentFile(project, manifest, name);
      if (path !== null) files.push(path);
    }
  }
  return files;
}

/** read = stored + known + quarantined, each counted from what was written. */
async function conserved(
  folder: string,
  { read, loaded, source, effects }: { read: ReadOutcome; loaded: Loaded; source: Source; effects: Effects },
): Promise<ImportCounts> {
  const quarantined = await quarantineCount(join(folder, QUARANTINE_FILE), effects);
  const counts = {
    read: read.records,
    stored: loaded.stored,
    known: loaded.known,
    quarantined,
    blank: read.blank,
    ...(read.erased.length === 0 ? {} : { erased: new Set(read.erased.map(({ line }) => line)).size }),
  };
  if (counts.read === counts.stored + counts.known + counts.quarantined) return counts;
  await effects.remove(folder);
  throw new WorkbenchError({
    code: "WB_CONSERVATION",
    where: source.shown,
    what: `${counts.read} records read, but ${counts.stored} stored + ${counts.known} known + ${counts.quarantined} quarantined`,
    why: "a record was lost or doubled on the way, so nothing of this import was kept",
    fix: "run the same command again with --debug, and report it",
  });
}

interface Committing {
  readonly id: string;
  readonly sha256: string;
  readonly byteEnd: number;
  readonly counts: ImportCounts;
  readonly read: ReadOutcome;
  readonly loaded: Loaded;
  readonly writing: Writing;
}

/** The manifest goes last: before it there is no import, after it the import is whole. */
async function commit(folder: string, committing: Committing): Promise<void> {
  const { id, sha256, byteEnd, counts, read, loaded, writing } = committing;
  const { source, plan, opened, format, importer, policySha256, context } = writing;
  const { effects, request } = context;
  const names = [
    ...(loaded.interactions > 0 ? [ROWS_FILE] : []),
    ...(loaded.feedback > 0 ? [FEEDBACK_FILE] : []),
    QUARANTINE_FILE,
  ];
  await effects.fsync(join(folder, QUARANTINE_FILE));
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
    redaction: { policySha256, keyId: context.key.id, counts: read.redactions },
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
}

function nothingNew(
  source: Source,
  manifest: ImportManifest | null,
  outcome: "unchanged" | "empty",
): SourceReport {
  return {
    source: source.shown,
    outcome,
    import: manifest?.id ?? null,
    format: manifest?.format ?? null,
    confidence: null,
    counts: { read: 0, stored: 0, known: 0, quarantined: 0, blank: 0 },
    interactions: 0,
    feedback: 0,
    redactions: {},
    lossy: [],
    reasons: {},
  };
}

async function* none(): AsyncGenerator<Uint8Array> {
  // standard input was not given
}
