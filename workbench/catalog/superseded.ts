import type { ImportManifest } from "../schema/import.ts";

/**
 * Whether a later import read an import's quarantined records again: then its quarantine stands for
 * this one's. A retry of an import that was rewritten since is a retry of what it became.
 */
export function hasNewerQuarantine(manifest: ImportManifest, imports: readonly ImportManifest[]): boolean {
  const { id, replaces, replacesAlso } = manifest;
  const ids: readonly unknown[] = [
    id,
    replaces,
    ...(Array.isArray(replacesAlso) ? (replacesAlso as unknown[]) : []),
  ];
  return imports.some(({ retries }) => typeof retries === "string" && ids.includes(retries));
}
