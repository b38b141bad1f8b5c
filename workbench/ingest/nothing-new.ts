import type { ImportManifest } from "../schema/import.ts";
import type { SourceReport } from "./import-source.ts";
import type { Source } from "./source.ts";

/** The report of a source that made no import. */
export function nothingNew(
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
    redaction: null,
    lossy: [],
    reasons: {},
  };
}
