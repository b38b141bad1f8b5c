import { createHash } from "node:crypto";
import { WorkbenchError } from "../errors/error.ts";
import type { FileRef } from "../schema/names.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import { resolveInside } from "./paths.ts";

/** SHA-256 (hex) and size of a file, streamed. */
export async function hashFile(
  path: string,
  effects: Effects = realEffects,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of effects.stream(path)) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** A manifest's entry for the file `path` (relative) inside `folder`. */
export async function fileRef(
  folder: string,
  path: string,
  effects: Effects = realEffects,
): Promise<FileRef> {
  const { sha256, bytes } = await hashFile(await resolveInside(folder, [path], effects), effects);
  return { path, sha256, bytes };
}

/**
 * Checks files against the digests a manifest gives them, before anything reads a number from them:
 * Parquet does not check itself. The first difference is exit 6, naming file, expected and found.
 */
export async function verifyFiles(
  folder: string,
  files: readonly FileRef[],
  effects: Effects = realEffects,
): Promise<void> {
  for (const file of files) {
    const path = await resolveInside(folder, [file.path], effects);
    const found = (await effects.stat(path)) ? (await hashFile(path, effects)).sha256 : "nothing";
    if (found === file.sha256) continue;
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: path,
      what:
        found === "nothing"
          ? "a file that the manifest names is gone"
          : "the bytes are not those that the manifest names",
      why: `expected SHA-256 ${file.sha256.slice(0, 12)}…, found ${found === "nothing" ? found : `${found.slice(0, 12)}…`}`,
      fix: "restore the file from a copy, or make it again with the command that made it",
    });
  }
}
