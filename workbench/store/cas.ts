import { join } from "node:path";
import { sha256 } from "../schema/canonical.ts";
import { Digest } from "../schema/names.ts";
import { replaceFile } from "./atomic.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
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
