import { duckdbVersion } from "./write-parquet.ts";

/** Raised when the same inputs would give other rows: a change of the steps is a change of version. */
const STEPS = "curate@1";

/**
 * What the bytes of a version depend on beside its inputs: our steps, the writer of Parquet, and the
 * Unicode tables that fold text. Not the Node version: one that changes nothing renames nothing.
 */
export function toolVersions(): Record<string, string> {
  return { steps: STEPS, duckdb: duckdbVersion(), unicode: process.versions["unicode"] ?? "unknown" };
}
