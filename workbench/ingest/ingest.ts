import { join } from "node:path";
import { readFormat } from "./formats/mapping-file.ts";
import type { ImportManifest } from "../schema/import.ts";
import { readTombstones } from "../catalog/tombstones.ts";
import { importsFolder, inForce, listImports } from "../catalog/segments.ts";
import { erasedBy } from "../redact/erased.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import { openVault } from "../store/raw-vault.ts";
import { findSources, temporaryFolder } from "./find-sources.ts";
import { readHints, saveHints } from "./hints.ts";
import { importSource } from "./import-source.ts";
import { keyOf, workspaceKey } from "./key.ts";
import type { WorkspaceKey } from "./key.ts";
import { LIMITS } from "./limits.ts";
import type { Found, IngestRequest } from "./request.ts";
import { openRowKeys } from "./row-keys.ts";
import type { RowKeys } from "./row-keys.ts";
import { policyFor } from "./source-policy.ts";
import { refusedReport } from "./source-report.ts";
import type { SourceReport } from "./source-report.ts";

export interface IngestReport {
  readonly sources: readonly SourceReport[];
  readonly totals: ImportManifest["counts"];
  readonly keyId: string;
}

/**
 * Reads logs into the interaction store: each source becomes one immutable segment of canonical,
 * redacted rows, and every record that is not stored is known already or in quarantine with its
 * reason. The same bytes again change nothing; a longer file costs only its tail.
 *
 * Throws WB_FORMAT_UNKNOWN or WB_FORMAT_AMBIGUOUS (exit 2) before anything of that source is kept,
 * unless `readOn` reports it as refused. Throws WB_LOCK_BUSY (exit 7) while another ingest runs,
 * WB_CONSERVATION (exit 6) if records do not add up.
 */
export async function ingest(request: IngestRequest, effects: Effects = realEffects): Promise<IngestReport> {
  const { project, config } = request;
  const sources = await findSources(request, effects);
  const key = request.key ? keyOf(request.key) : await workspaceKey(config, effects);
  const reports = await withLock(
    join(project.private, "ingest.lock"),
    "workbench ingest",
    async () => {
      await removeInterrupted(project, effects);
      return importAll(sources, { ...request, key }, effects);
    },
    effects,
  );
  return { sources: reports, totals: totalsOf(reports), keyId: key.id };
}

/** Imports one source after the other, each held against all that is stored by then. */
async function importAll(
  sources: readonly Found[],
  { key, ...request }: Omit<IngestRequest, "key"> & { readonly key: WorkspaceKey },
  effects: Effects,
): Promise<readonly SourceReport[]> {
  const { project, config } = request;
  const reports: SourceReport[] = [];
  const hints = await readHints(project, effects);
  const vault = request.keepRaw === true ? await openVault(project, key.bytes, effects) : null;
  const stones = await readTombstones(project, effects);
  const isErased = erasedBy(stones, key.bytes);
  const policyOf = once((label: string | undefined) => policyFor(project, config, label, effects));
  const formatIn = once((mapping: string) => readFormat(mapping, effects));
  let imports = await listImports(project, effects);
  let rowKeys: Promise<RowKeys> | null = null;
  try {
    for (const [nth, source] of sources.entries()) {
      request.onSource?.(nth, sources.length);
      const label = request.label ?? source.label;
      const mapping = request.mapping ?? source.mapping;
      const { report, manifest } = await importSource(source, {
        request: label === undefined ? request : { ...request, label },
        mapping: mapping === undefined ? null : await formatIn(mapping),
        key,
        policy: await policyOf(label),
        vault,
        isErased,
        stones,
        limits: { ...LIMITS, ...request.limits },
        imports,
        rowKeys: () => (rowKeys ??= openRowKeys(project, imports, effects)),
        hints,
        effects,
      }).catch((error: unknown) => {
        if (request.readOn !== true || sources.length === 1) throw error;
        return { report: refusedReport(source, error), manifest: null };
      });
      if (manifest !== null) imports = inForce([...imports, manifest]);
      reports.push(report);
      request.onReport?.(report);
    }
    await saveHints(hints, effects);
    return reports;
  } finally {
    await (await (rowKeys as Promise<RowKeys> | null)?.catch(() => null))?.close();
  }
}

/** A function that is asked once for each name. */
function once<Name, T>(make: (name: Name) => Promise<T>): (name: Name) => Promise<T> {
  const made = new Map<Name, Promise<T>>();
  return (name) => {
    const one = made.get(name) ?? make(name);
    made.set(name, one);
    return one;
  };
}

/** A folder without a manifest is an import that was interrupted: it is removed and done again. */
async function removeInterrupted(project: Project, effects: Effects): Promise<void> {
  if (await effects.stat(temporaryFolder(project))) await effects.remove(temporaryFolder(project));
  const folder = importsFolder(project);
  for (const name of await effects.list(folder))
    if (!(await effects.stat(join(folder, name, "manifest.json")))) await effects.remove(join(folder, name));
}

function totalsOf(reports: readonly SourceReport[]): ImportManifest["counts"] {
  const totals = { read: 0, stored: 0, known: 0, quarantined: 0, blank: 0 };
  for (const { counts } of reports)
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts[name];
  return totals;
}
