import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import { JournalLine } from "../schema/run.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";

/** What an append-only journal holds, and how many bytes of a torn last line were cut. */
export interface JournalContent {
  readonly lines: readonly JournalLine[];
  readonly tornBytes: number;
}

/** An event before it has a number and a time. */
export interface JournalEvent {
  readonly kind: string;
  /** Names the work; a second event with the same key is a no-op. */
  readonly key: string;
  readonly data: unknown;
}

/** An open journal. Appends are gathered: a write starts when the previous one returned. */
export interface Journal {
  readonly content: JournalContent;
  readonly has: (key: string) => boolean;
  /** Resolves when the line is in the file (it survives SIGKILL). Repeats of a key resolve at once. */
  readonly append: (event: JournalEvent) => Promise<void>;
  /** Waits for every append and flushes to the disk (it survives a power cut). */
  readonly sync: () => Promise<void>;
}

/**
 * Reads a journal. A torn last line is expected after a crash and is left out; a torn line in the
 * middle, or a gap in the numbers, is an integrity failure (exit 6).
 */
export async function readJournal(path: string, effects: Effects = realEffects): Promise<JournalContent> {
  if (!(await effects.stat(path))) return { lines: [], tornBytes: 0 };
  const bytes = Buffer.from(await effects.read(path));
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines: JournalLine[] = [];
  const text = bytes.subarray(0, end).toString("utf8");
  for (const raw of text === "" ? [] : text.slice(0, -1).split("\n")) {
    const line = parseLine(raw);
    if (line === null || line.seq !== lines.length)
      throw new WorkbenchError({
        code: "WB_JOURNAL_TORN",
        where: `${path}:${lines.length + 1}`,
        what:
          line === null
            ? "this journal line cannot be read"
            : `line number ${line.seq} stands where ${lines.length} must`,
        why: "only the last line of a journal can be torn by a crash; this one was changed or lost",
        fix: "restore the file from a copy, or move its run folder away and run the command again",
      });
    lines.push(line);
  }
  return { lines, tornBytes: bytes.length - end };
}

function parseLine(raw: string): JournalLine | null {
  try {
    const parsed = JournalLine.safeParse(JSON.parse(raw));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Opens a journal for appending, cutting a torn last line first. */
export async function openJournal(path: string, effects: Effects = realEffects): Promise<Journal> {
  const content = await readJournal(path, effects);
  if (content.tornBytes > 0) {
    const size = (await effects.stat(path))?.size ?? 0;
    await effects.truncate(path, size - content.tornBytes);
  }
  const keys = new Set(content.lines.map((line) => line.key));
  let seq = content.lines.length;
  let waiting: string[] = [];
  let writing: Promise<void> | null = null;

  const flush = (): Promise<void> => {
    writing ??= (async () => {
      await Promise.resolve(); // gather every line of this turn
      const batch = waiting.join("");
      waiting = [];
      await effects.append(path, batch);
    })().finally(() => {
      writing = null;
    });
    return writing;
  };
  const settled = async (): Promise<void> => {
    while (waiting.length > 0 || writing) await flush();
  };

  return {
    content,
    has: (key) => keys.has(key),
    append: async ({ kind, key, data }) => {
      if (keys.has(key)) return;
      keys.add(key);
      waiting.push(`${canonical({ seq: seq++, at: effects.now().toISOString(), kind, key, data })}\n`);
      await settled();
    },
    sync: async () => {
      await settled();
      if (await effects.stat(path)) await effects.fsync(path);
    },
  };
}
