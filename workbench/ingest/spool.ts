import { join } from "node:path";
import type { Effects } from "../store/effects.ts";

const FLUSH_BYTES = 4 * 1024 * 1024;

/** A file of lines that is written as it grows. Nothing reads it before `close`. */
export interface LineFile {
  readonly path: string;
  readonly lines: () => number;
  readonly write: (line: string) => Promise<void>;
  /** Writes what is held. Creates the file even when it has no line. */
  readonly close: () => Promise<void>;
}

/** Starts an empty line file in `folder`. */
export async function lineFile(folder: string, name: string, effects: Effects): Promise<LineFile> {
  const path = join(folder, name);
  let held: string[] = [];
  let heldLength = 0;
  let lines = 0;
  await effects.write(path, "", { mode: 0o600 });
  const flush = async (): Promise<void> => {
    if (held.length === 0) return;
    const text = held.join("");
    held = [];
    heldLength = 0;
    await effects.append(path, text);
  };
  return {
    path,
    lines: () => lines,
    write: async (line) => {
      lines++;
      held.push(line, "\n");
      heldLength += line.length + 1;
      if (heldLength >= FLUSH_BYTES) await flush();
    },
    close: flush,
  };
}
