import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  FEEDBACK_FILE,
  ROWS_FILE,
  importFolder,
  importsFolder,
  segmentFile,
  verifySegment,
} from "../catalog/segments.ts";
import type { RedactionReport } from "../redact/report.ts";
import type { IsErased } from "../redact/erased.ts";
import type { Policy } from "../redact/policy.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ImportCounts, ImportManifest } from "../schema/import.ts";
import type { Vault } from "../store/raw-vault.ts";
import type { Effects } from "../store/effects.ts";
import { commit } from "./commit.ts";
import { conserved } from "./conservation.ts";
import type { Lossy } from "./fields.ts";
import type { Format } from "./formats/format.ts";
import { sourceBytes } from "./hints.ts";
import type { Hints } from "./hints.ts";
import type { IngestRequest } from "./ingest.ts";
import type { WorkspaceKey } from "./key.ts";
import { importId } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { load } from "./load.ts";
import { nothingNew } from "./nothing-new.ts";
import { formatOf, openSource } from "./open.ts";
import type { Opened } from "./open.ts";
import { planOf } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { Source } from "./source.ts";
import { readAll } from "./read-all.ts";
import type { ReadOutcome } from "./read-all.ts";

/** Raised when the steps common to all formats give other rows for the same record. */
const IMPORTER = 2;

export interface ImportContext {
  readonly request: IngestRequest;
  readonly mapping: Format | null;
  readonly key: WorkspaceKey;
  readonly policy: Policy;
  readonly isErased: IsErased | null;
  /** Where records are kept as they came; null without --keep-raw. */
  readonly vault: Vault | null;
  readonly limits: Limits;
  readonly imports: readonly ImportManifest[];
  readonly hints: Hints;
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
  /** By kind, column and agent, with shapes of values; null when nothing was read. */
  readonly redaction: RedactionReport | null;
  readonly lossy: readonly Lossy[];
  readonly reasons: Readonly<Record<string, number>>;
}

/** One source from bytes to segment; see docs/ingest.md for the steps. */
export async function importSource(source: Source, context: ImportContext): Promise<SourceReport> {
  const { request, effects } = context;
  const { imports, hints } = context;
  const bytes =
    source.path === null
      ? null
      : await sourceBytes(source.path, { imports, hints, verify: request.verify ?? false }, effects);
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

export interface Writing extends Reading {
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
  const counts = await conserved(folder, { read, loaded, shown: source.shown, effects });
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
    redaction: read.redaction,
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

async function* none(): AsyncGenerator<Uint8Array> {
  // standard input was not given
}
