import { join } from "node:path";
import type { Effects } from "../store/effects.ts";

const FLUSH_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A file of lines that is written as it grows. Nothing reads it before the last `flush`. */
export interface LineFile {
  readonly path: string;
  /** Holds a line in memory until `flush`, which is due when the file `isFull`. */
  readonly add: (line: string) => void;
  readonly isFull: () => boolean;
  /** Writes what is held. The file is there even when it has no line. */
  readonly flush: () => Promise<void>;
}

/** Starts an empty line file in `folder`. */
export async function lineFile(folder: string, name: string, effects: Effects): Promise<LineFile> {
  const path = join(folder, name);
  // Encoded line by line: joined first, one character beyond Latin-1 would widen all of them.
  let held: Buffer = Buffer.allocUnsafe(1 << 16);
  let end = 0;
  await effects.write(path, "", { mode: 0o600 });
  return {
    path,
    add: (line) => {
      // A UTF-16 unit is at most three bytes; of a long line it is worth counting them.
      const most = 1 + (line.length < 1 << 20 ? line.length * 3 : Buffer.byteLength(line));
      if (end + most > held.length) held = grown(held, end, end + most);
      end += held.write(line, end);
      held[end++] = NEWLINE;
    },
    isFull: () => end >= FLUSH_BYTES,
    flush: async () => {
      const bytes = held.subarray(0, end);
      end = 0;
      if (bytes.length > 0) await effects.append(path, bytes);
    },
  };
}

function grown(held: Buffer, end: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(held.length * 2, needed));
  held.copy(larger, 0, 0, end);
  return larger;
}
