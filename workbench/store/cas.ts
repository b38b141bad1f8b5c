import { join } from "node:path";
import { sha256 } from "../schema/canonical.ts";
import { Digest } from "../schema/names.ts";
import { replaceFile } from "./atomic.ts";
import { PIECE_BYTES } from "./each-line.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import { openHashedFile } from "./hashed-file.ts";
import { verifyFiles } from "./hash.ts";
import type { Project } from "./paths.ts";

/** Path of a blob, relative to the store: two digits make a folder. */
function blobPath(digest: string): string {
  const checked = Digest.parse(digest);
  return join("sha256", checked.slice(0, 2), checked);
}

/** Stores bytes under their SHA-256 and returns it. Storing what is there already is a no-op. */
export async function putBlob(
  project: Project,
  data: string | Uint8Array,
  effects: Effects = realEffects,
): Promise<string> {
  const digest = sha256(data);
  const path = join(project.private, "cas", blobPath(digest));
  if (!(await effects.stat(path))) await replaceFile(path, data, effects);
  return digest;
}

/**
 * Stores lines under the SHA-256 of all of them, of which little is held. A blob of that
 * name is replaced by the same bytes, so what the caller reads next is what it gave, whatever lay there.
 */
export async function putLines(
  project: Project,
  lines: AsyncIterable<string>,
  effects: Effects = realEffects,
): Promise<string> {
  const store = join(project.private, "cas");
  const name = Buffer.from(effects.random(6)).toString("hex");
  const file = await openHashedFile(join(store, "sha256", `.${name}.tmp`), effects);
  try {
    for await (const line of lines) await file.add(`${line}\n`);
    return (await file.keep((digest) => join(store, blobPath(digest)))).sha256;
  } catch (error) {
    await file.drop().catch(() => undefined);
    throw error;
  }
}

/** The bytes of a blob, in pieces and unchecked: for who has just stored it, or checks it elsewhere. */
export function streamBlob(
  project: Project,
  digest: string,
  effects: Effects = realEffects,
): AsyncIterable<Uint8Array> {
  const path = join(project.private, "cas", blobPath(digest));
  return effects.stream(path, { pieceBytes: PIECE_BYTES });
}

/** Reads a blob and checks it against its name; a rotten one is exit 6. */
export async function getBlob(
  project: Project,
  digest: string,
  effects: Effects = realEffects,
): Promise<Uint8Array> {
  const store = join(project.private, "cas");
  await verifyFiles(store, [{ path: blobPath(digest), sha256: digest, bytes: 0 }], effects);
  return effects.read(join(store, blobPath(digest)));
}
