import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { canonical, sha256 } from "../schema/canonical.ts";
import type { Effects } from "./effects.ts";
import { folderOf, realEffects } from "./effects.ts";

/**
 * Replaces a file whole: temporary file in the same folder, length check, fsync, rename, fsync of
 * the folder. A reader, a crash or a full disk finds the old file or the new one, never a mixture.
 */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  effects: Effects = realEffects,
): Promise<void> {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const folder = folderOf(path);
  await effects.mkdir(folder);
  const temporary = join(folder, `.${Buffer.from(effects.random(6)).toString("hex")}.tmp`);
  try {
    await effects.write(temporary, bytes);
    const written = await effects.stat(temporary);
    if (written?.size !== bytes.byteLength)
      throw new WorkbenchError({
        code: "WB_DISK_FULL",
        where: path,
        what: `only ${written?.size ?? 0} of ${bytes.byteLength} bytes could be written`,
        fix: "free some space and run the same command again",
      });
    await effects.fsync(temporary);
    await effects.rename(temporary, path);
    await effects.fsync(folder);
  } catch (error) {
    await effects.remove(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Writes a file that must never change: same bytes again is a no-op, other bytes are an integrity
 * failure (exit 6). Presence of the file is the state; there is no status field to update.
 */
export async function writeOnce(
  path: string,
  data: string | Uint8Array,
  effects: Effects = realEffects,
): Promise<void> {
  if (await effects.stat(path)) {
    const there = sha256(await effects.read(path));
    if (there === sha256(data)) return;
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: path,
      what: "this file is written once and already holds something else",
      why: `its SHA-256 is ${there.slice(0, 12)}…, the new content's is ${sha256(data).slice(0, 12)}…`,
      fix: "move the file away if it was edited by hand, then run the same command again",
    });
  }
  await replaceFile(path, data, effects);
}

/** Canonical JSON with a final newline: the form of every JSON file the workbench writes. */
export function jsonText(value: unknown): string {
  return `${canonical(value)}\n`;
}
