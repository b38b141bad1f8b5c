import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256 } from "../schema/canonical.ts";
import type { ImportManifest } from "../schema/import.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects, FileInfo } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { FileBytes, HashedSource } from "./ledger.ts";
import { hashSource } from "./ledger.ts";

/** What a file looked like when all of its bytes were last hashed. */
interface Look {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** SHA-256 of the first and the last MiB. */
  readonly ends: string;
  readonly sha256: string;
}

/**
 * Looks of the files that were hashed before, by the digest of their path. A cache: a file that looks
 * as it did is not hashed again, and without the cache every file is.
 */
export interface Hints {
  readonly looks: Map<string, Look>;
  readonly path: string;
  changed: boolean;
}

const END = 1 << 20;
const MOST = 10_000;
/** A file that was written to this shortly before may be written to again within one tick of its clock. */
const SETTLED_MS = 2000;

export async function readHints(project: Project, effects: Effects): Promise<Hints> {
  const path = join(project.private, "ingest-hints.json");
  return { path, looks: new Map(await looksIn(path, effects)), changed: false };
}

async function looksIn(path: string, effects: Effects): Promise<readonly [string, Look][]> {
  if (!(await effects.stat(path))) return [];
  try {
    const { files } = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as {
      files: Record<string, Look>;
    };
    return Object.entries(files);
  } catch {
    return []; // a damaged cache is none
  }
}

export async function saveHints(hints: Hints, effects: Effects): Promise<void> {
  if (!hints.changed) return;
  const files = Object.fromEntries([...hints.looks].slice(-MOST));
  await replaceFile(hints.path, jsonText({ schema: "workbench/ingest-hints@1", files }), effects);
}

/**
 * The digest of a file and the imports that hold its beginning. With a hint, the digest is the one
 * that the same size, time and ends had before; `verify` hashes all bytes whatever the hint says.
 */
export async function sourceBytes(
  path: string,
  { imports, hints, verify }: { imports: readonly ImportManifest[]; hints: Hints; verify: boolean },
  effects: Effects,
): Promise<FileBytes> {
  const real = await effects.realpath(path);
  const name = sha256(real);
  const info = await effects.stat(real);
  const inode = info?.inode ?? null;
  const known = hints.looks.get(name);
  if (!verify && info && known && known.bytes === info.size && known.mtimeMs === info.mtimeMs) {
    // Whoever has these bytes has their beginning; what only begins like them needs the hash.
    const begins = imports.filter(({ source }) => source["fileSha256"] === known.sha256);
    if (begins.length > 0 && known.ends === (await endsOf(real, info.size, effects)))
      return { sha256: known.sha256, bytes: known.bytes, begins, inode };
  }
  const before = verify || !info ? undefined : await grownFrom(real, info, effects);
  const { hash, ...hashed } = await hashSource(real, imports, effects, before);
  if (inode !== null && hashed.bytes >= LARGE)
    growing.set(real, { ...hashed, hash, inode, ends: await endsOf(real, hashed.bytes, effects) });
  if (info && info.size === hashed.bytes && info.mtimeMs < effects.now().getTime() - SETTLED_MS) {
    const ends = await endsOf(real, info.size, effects);
    hints.looks.delete(name); // the latest stand last
    hints.looks.set(name, { bytes: info.size, mtimeMs: info.mtimeMs, ends, sha256: hashed.sha256 });
    hints.changed = true;
  }
  return { ...hashed, inode };
}

/** What this process has hashed of a large file. */
interface Growing extends HashedSource {
  readonly inode: number;
  readonly ends: string;
}

// `watch` asks with every line that comes; a log of a GB would be hashed from its beginning each time.
const growing = new Map<string, Growing>();
const LARGE = 1 << 24;

/** What was hashed of a file that has grown since: the same file, whose first and last MiB until then are what they were. */
async function grownFrom(
  path: string,
  { inode, size }: FileInfo,
  effects: Effects,
): Promise<HashedSource | undefined> {
  const before = growing.get(path);
  if (before === undefined || before.inode !== inode || before.bytes >= size) return undefined;
  return before.ends === (await endsOf(path, before.bytes, effects)) ? before : undefined;
}

async function endsOf(path: string, size: number, effects: Effects): Promise<string> {
  const hash = createHash("sha256");
  const ranges = [
    { start: 0, end: Math.min(END, size) },
    { start: Math.max(0, size - END), end: size },
  ];
  for (const range of ranges)
    if (range.end > range.start) for await (const chunk of effects.stream(path, range)) hash.update(chunk);
  return hash.digest("hex");
}
