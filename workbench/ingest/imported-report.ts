import type { ImportManifest } from "../schema/import.ts";
import type { Loaded } from "./load.ts";
import type { ReadOutcome } from "./read-all.ts";
import type { SourceReport } from "./source-report.ts";
import type { Writing } from "./writing.ts";

/** The report of a source that became an import. */
export function importedReport(
  manifest: ImportManifest,
  {
    writing,
    read,
    loaded,
  }: { readonly writing: Writing; readonly read: ReadOutcome; readonly loaded: Loaded },
): SourceReport {
  const { source, plan, confidence } = writing;
  return {
    source: source.shown,
    outcome: plan.continues ? "continued" : plan.replaces.length > 0 ? "replaced" : "imported",
    import: manifest.id,
    format: manifest.format,
    confidence,
    counts: manifest.counts,
    interactions: loaded.interactions,
    feedback: loaded.feedback,
    redactions: read.redactions,
    redaction: read.redaction,
    lossy: read.lossy,
    reasons: read.reasons,
  };
}
