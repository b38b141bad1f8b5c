import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";
import { findFiles } from "./source.ts";

/** A file that is new, or changed since it was last read. */
export interface Fresh {
  readonly path: string;
  /** Size and time before it is read: what comes while it is read is another mark. */
  readonly mark: string;
  readonly bytes: number;
}

/** Files that are read as they grow, a tail at a time; also under the name they are rotated to. */
const GROWING = /\.(?:jsonl|ndjson|log)(?:[.-]\d[\d.-]*)?$/i;

/** Files that are new or changed since they were last read, and fit to be read now. */
export async function freshFiles(
  { folder, settleMs }: { readonly folder: string; readonly settleMs: number },
  seen: ReadonlyMap<string, string>,
  effects: Effects,
): Promise<readonly Fresh[]> {
  const found: Fresh[] = [];
  for (const { path } of await filesIn(folder, effects)) {
    const info = path === null ? null : await effects.stat(path);
    if (path === null || !info) continue;
    const mark = `${info.size} ${info.mtimeMs}`;
    const isSettled = GROWING.test(path) || effects.now().getTime() - info.mtimeMs >= settleMs;
    if (info.size > 0 && isSettled && seen.get(path) !== mark) found.push({ path, mark, bytes: info.size });
  }
  return found;
}

/** A folder that holds nothing yet is no error: that is what one watches for. */
async function filesIn(folder: string, effects: Effects): ReturnType<typeof findFiles> {
  try {
    return await findFiles(folder, effects);
  } catch (error) {
    const info = await effects.stat(folder);
    if (error instanceof WorkbenchError && info?.isDirectory) return [];
    throw error;
  }
}

const MOST_FILES = 64;
const MOST_BYTES = 1 << 26;

/** A few at a time: whoever ends a watch waits for those that are being read. */
export function inBatches(files: readonly Fresh[]): readonly (readonly Fresh[])[] {
  const batches: Fresh[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const batch = batches.at(-1);
    if (batch === undefined || bytes + file.bytes > MOST_BYTES || batch.length === MOST_FILES) {
      batches.push([file]);
      bytes = 0;
    } else batch.push(file);
    bytes += file.bytes;
  }
  return batches;
}
