import { join } from "node:path";
import type { Effects } from "../store/effects.ts";

/** Characters that are held before they go to the disk. */
const HELD_CHARACTERS = 1 << 21;
/** Hex digits of a digest that name a bucket: 256 of them. */
const BUCKET_DIGITS = 2;

/** Lines in the order of their digests, whatever their number: at most a bucket and 2 MB are held. */
export interface SortedLines {
  /** `digest` is hex and its own for each line; a line has no line feed. */
  readonly add: (digest: string, line: string) => Promise<void>;
  /** All lines, once. */
  readonly inOrder: () => AsyncIterable<string>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a sort. What is too much to hold goes to 256 files in `folder`, by the digest's first digits:
 * digests spread evenly, so each file is small enough to be sorted alone.
 */
export function sortLines(folder: string, effects: Effects, most = HELD_CHARACTERS): SortedLines {
  let held: string[] = [];
  let characters = 0;
  const spilled = new Set<string>();

  const spill = async (): Promise<void> => {
    await effects.mkdir(folder);
    const buckets = Map.groupBy(held, (entry) => entry.slice(0, BUCKET_DIGITS));
    [held, characters] = [[], 0];
    for (const [bucket, entries] of buckets) {
      spilled.add(bucket);
      await effects.append(join(folder, bucket), entries.map((entry) => `${entry}\n`).join(""));
    }
  };
  return {
    add: async (digest, line) => {
      held.push(`${digest} ${line}`);
      characters += digest.length + line.length;
      if (characters > most) await spill();
    },
    inOrder: async function* () {
      if (spilled.size === 0) {
        yield* sorted(held);
        return;
      }
      await spill();
      for (const bucket of [...spilled].sort()) {
        const text = Buffer.from(await effects.read(join(folder, bucket))).toString("utf8");
        yield* sorted(text.slice(0, -1).split("\n"));
      }
    },
    close: async () => {
      if (spilled.size > 0) await effects.remove(folder);
    },
  };
}

/** Sorted by their digests, and without them. */
function* sorted(entries: string[]): Iterable<string> {
  for (const entry of entries.sort()) yield entry.slice(entry.indexOf(" ") + 1);
}
