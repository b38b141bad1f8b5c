import type { ErrorCode } from "../errors/codes.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { RedactionReport } from "../redact/report.ts";
import type { ImportCounts, ImportManifest } from "../schema/import.ts";
import type { Lossy } from "./notes.ts";
import type { Source } from "./source.ts";

/** What became of one source. */
export interface SourceReport {
  readonly source: string;
  /** imported, continued (only the tail), replaced; unchanged, empty and refused made no import. */
  readonly outcome: "imported" | "continued" | "replaced" | "unchanged" | "empty" | "refused";
  /** Why it could not be read; absent when it could. */
  readonly refused?: { readonly code: ErrorCode; readonly what: string; readonly fix: string };
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

/** The report of a source that made no import. */
export function nothingNew(
  source: Source,
  manifest: ImportManifest | null,
  outcome: "unchanged" | "empty" | "refused",
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

/** What a source itself is to blame for: it must not keep the others of a folder from being read. */
const ITS_OWN: readonly ErrorCode[] = ["WB_FORMAT_UNKNOWN", "WB_FORMAT_AMBIGUOUS", "WB_SOURCE_INVALID"];

/** The report of one of several sources that cannot be read; any other error is thrown on. */
export function refusedReport(source: Source, error: unknown): SourceReport {
  if (!(error instanceof WorkbenchError) || !ITS_OWN.includes(error.code) || error.where === "--format")
    throw error;
  const { code, what, fix } = error;
  return { ...nothingNew(source, null, "refused"), refused: { code, what, fix: fix ?? "" } };
}
