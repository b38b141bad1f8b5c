import { createHash } from "node:crypto";
import { join } from "node:path";
import { importFolder, importsFolder } from "../catalog/segments.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ImportManifest } from "../schema/import.ts";
import { commit } from "./commit.ts";
import { conserved } from "./conservation.ts";
import type { Format } from "./formats/format.ts";
import { sourceBytes } from "./hints.ts";
import type { ImportContext } from "./import-context.ts";
import { importedReport } from "./imported-report.ts";
import { importId, mustStand } from "./ledger.ts";
import { load } from "./load.ts";
import { formatOf, openSource } from "./open.ts";
import { planOf } from "./plan.ts";
import type { Reading } from "./plan.ts";
import type { Source } from "./source.ts";
import { readAll } from "./read-all.ts";
import type { ReadOutcome } from "./read-all.ts";
import { nothingNew } from "./source-report.ts";
import type { SourceReport } from "./source-report.ts";
import type { Writing } from "./writing.ts";

/** Raised when the steps common to all formats give other rows for the same record. */
const IMPORTER = 3;

/** What became of a source, and the import it became, unless there was nothing new in it. */
export interface Imported {
  readonly report: SourceReport;
  readonly manifest: ImportManifest | null;
}

const without = (report: SourceReport): Imported => ({ report, manifest: null });

/** One source from bytes to segment; see docs/ingest.md for the steps. */
export async function importSource(source: Source, context: ImportContext): Promise<Imported> {
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
  if (plan.kind === "unchanged") return without(nothingNew(source, plan.manifest, "unchanged"));
  const opened = await openSource(source, plan, {
    effects,
    limits: context.limits,
    stdin: request.stdin ?? none(),
  });
  const detected = plan.format ?? formatOf(opened, request.format, source.shown);
  if (detected === null) return without(nothingNew(source, null, "empty"));
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

async function write(staging: string, writing: Writing): Promise<Imported> {
  const { source, plan, format, importer, policySha256, context } = writing;
  const { effects, request } = context;
  await effects.mkdir(staging);
  const read = await readAll(staging, writing);
  if (read.records === 0) return without(nothingNew(source, null, "empty"));
  if (plan.continues !== null && read.onlyUnterminated)
    return without(nothingNew(source, plan.continues, "unchanged"));
  const { sha256, byteEnd } = await endOf(writing, read);
  if (source.path !== null && plan.bytes !== null) await mustStand(source.path, plan.bytes, effects);
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
  if (existing) return without(nothingNew(source, existing, "unchanged"));
  await read.end(id);
  await effects.rename(staging, folder);
  const { records, bytes } = read;
  request.onProgress?.({ source: source.shown, records, bytes, total: bytes, isRead: true });
  const rowKeys = await context.rowKeys();
  await rowKeys.leaveOut(plan.replaces);
  const loaded = await load(
    {
      folder,
      keys: join(folder, "keys.csv"),
      rows: join(folder, "rows.spool"),
      feedback: join(folder, "feedback.spool"),
      erased: read.erased.map(({ rowKey }) => rowKey),
    },
    rowKeys,
    effects,
  );
  for (const name of ["keys.csv", "rows.spool", "feedback.spool"]) await effects.remove(join(folder, name));
  const counts = await conserved(folder, { read, loaded, shown: source.shown, effects });
  const manifest = await commit(folder, { id, sha256, byteEnd, counts, read, loaded, writing });
  await rowKeys.add(manifest);
  return { report: importedReport(manifest, { writing, read, loaded }), manifest };
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

async function* none(): AsyncGenerator<Uint8Array> {
  // standard input was not given
}
