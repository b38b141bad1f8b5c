import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";

/** The bytes of a source, hashed, and the earlier imports that hold their beginning. */
export interface SourceBytes {
  readonly sha256: string;
  readonly bytes: number;
  /** The imports whose bytes [0, byteEnd) these begin with, the longest last. */
  readonly begins: readonly ImportManifest[];
}

/** The bytes of a file, and which file it was. */
export interface FileBytes extends SourceBytes {
  readonly inode: number | null;
}

/**
 * Refuses what was read of a file that is not the one that was hashed any more, or is shorter: a log may be
 * rotated between the two. Its rows would stand under the digest of others, which would then count as read.
 */
export async function mustStand(path: string, { inode, bytes }: FileBytes, effects: Effects): Promise<void> {
  const now = await effects.stat(await effects.realpath(path));
  if (now !== null && now.inode === inode && now.size >= bytes) return;
  throw new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: path,
    what: "the file was replaced or cut short while it was read, so nothing of it was kept",
    why: "logs are rotated: what stood here has another name now",
    fix: "run the same command again; workbench watch does so by itself",
  });
}

/** How far a file was hashed. */
export interface HashedSource extends SourceBytes {
  readonly hash: Hash;
}

/**
 * Hashes a file once, and on the way compares its prefixes with every earlier import that is not
 * longer. The ledger is the manifests themselves. What was hashed of it before need not be read again.
 */
export async function hashSource(
  path: string,
  imports: readonly ImportManifest[],
  effects: Effects,
  before?: HashedSource,
): Promise<HashedSource> {
  const start = before?.bytes ?? 0;
  const endingAt = Map.groupBy(imports, ({ source }) => source.byteEnd);
  const marks = [...endingAt.keys()].filter((end) => end > start || start === 0).sort((a, b) => a - b);
  const hash = before?.hash.copy() ?? createHash("sha256");
  let bytes = start;
  const begins = before === undefined ? [] : begunBy(before, imports);
  let next = 0;
  for await (const chunk of effects.stream(path, { start })) {
    let from = 0;
    for (let end = marks[next]; end !== undefined && end <= bytes + chunk.byteLength; end = marks[++next]) {
      const to = end - bytes;
      hash.update(chunk.subarray(from, to));
      from = to;
      const soFar = hash.copy().digest("hex");
      begins.push(...(endingAt.get(end) ?? []).filter(({ source }) => source.sha256 === soFar));
    }
    hash.update(chunk.subarray(from));
    bytes += chunk.byteLength;
  }
  return { sha256: hash.copy().digest("hex"), bytes, begins, hash };
}

/** Of the imports that there are now, those that the bytes hashed before begin with; one was perhaps made of them since. */
function begunBy({ sha256, bytes, begins }: HashedSource, imports: readonly ImportManifest[]): ImportManifest[] {
  const ids = new Set(begins.map(({ id }) => id));
  return imports
    .filter(({ id, source }) => ids.has(id) || (source["fileSha256"] === sha256 && source.byteEnd <= bytes))
    .sort((a, b) => a.source.byteEnd - b.source.byteEnd);
} // prettier-ignore

export interface Identity {
  /** Of the source's bytes [0, byteEnd). */
  readonly sha256: string;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly format: string;
  readonly importer: string;
  readonly policySha256: string;
}

/** The same bytes, read the same way, are the same import: 32 hex digits of the digest of all that matters. */
export function importId(identity: Identity): string {
  return digestOf(identity).slice(0, 32);
}
