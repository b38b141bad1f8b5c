import { createHash } from "node:crypto";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "./effects.ts";
import { folderOf } from "./effects.ts";

const BATCH_CHARACTERS = 1 << 18;

/** A file that is written piece by piece and gets its name when it is whole. */
export interface HashedFile {
  readonly add: (text: string) => Promise<void>;
  /**
   * Flushes the file to the disk and renames it to what its digest says; what was there is replaced.
   * @throws WB_DISK_FULL where bytes are missing.
   */
  readonly keep: (pathOf: (sha256: string) => string) => Promise<{ sha256: string; bytes: number }>;
  /** Removes it; after `keep` there is nothing to remove. */
  readonly drop: () => Promise<void>;
}

/** Begins a file under a temporary name in the folder, or on the file system, that it shall end in. */
export async function openHashedFile(temporary: string, effects: Effects): Promise<HashedFile> {
  await effects.mkdir(folderOf(temporary));
  await effects.write(temporary, "");
  const hash = createHash("sha256");
  let [bytes, waiting] = [0, ""];
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = "";
    hash.update(batch);
    bytes += Buffer.byteLength(batch);
    await effects.append(temporary, batch);
  };
  return {
    add: async (text) => {
      waiting += text;
      if (waiting.length > BATCH_CHARACTERS) await flush();
    },
    keep: async (pathOf) => {
      await flush();
      const sha256 = hash.digest("hex");
      const path = pathOf(sha256);
      const written = (await effects.stat(temporary))?.size ?? 0;
      if (written !== bytes)
        throw new WorkbenchError({
          code: "WB_DISK_FULL",
          where: path,
          what: `only ${written} of ${bytes} bytes could be written`,
          fix: "free some space and run the same command again",
        });
      await effects.fsync(temporary);
      await effects.mkdir(folderOf(path));
      await effects.rename(temporary, path);
      await effects.fsync(folderOf(path));
      return { sha256, bytes };
    },
    drop: () => effects.remove(temporary),
  };
}
