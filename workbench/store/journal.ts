import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import { JournalLine } from "../schema/run.ts";
import { DigestMap } from "./digest-map.ts";
import { eachLine } from "./each-line.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import { restOfTurn } from "./turn.ts";

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

/** Where a line stands in the file. */
export interface LinePlace {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Reads a journal. A torn last line is expected after a crash and is left out; a torn line in the
 * middle, or a gap in the numbers, is an integrity failure (exit 6).
 */
export async function readJournal(path: string, effects: Effects = realEffects): Promise<JournalContent> {
  const lines: JournalLine[] = [];
  const { tornBytes } = await scanJournal(path, (line) => void lines.push(line), effects);
  return { lines, tornBytes };
}

/** Reads a journal line by line, so that its size does not matter. The same checks as `readJournal`. */
export async function scanJournal(
  path: string,
  visit: (line: JournalLine, place: LinePlace) => void,
  effects: Effects = realEffects,
): Promise<{ readonly count: number; readonly tornBytes: number }> {
  if (!(await effects.stat(path))) return { count: 0, tornBytes: 0 };
  let count = 0;
  const tornBytes = await eachLine(
    path,
    (bytes, offset) => {
      const line = parseLine(bytes.toString("utf8"));
      if (line?.seq !== count) throw torn(path, count, line);
      visit(line, { offset, bytes: bytes.length });
      count++;
    },
    effects,
  );
  return { count, tornBytes };
}

function torn(path: string, count: number, line: JournalLine | null): WorkbenchError {
  return new WorkbenchError({
    code: "WB_JOURNAL_TORN",
    where: `${path}:${count + 1}`,
    what:
      line === null
        ? "this journal line cannot be read"
        : `line number ${line.seq} stands where ${count} must`,
    why: "only the last line of a journal can be torn by a crash; this one was changed or lost",
    fix: "restore the file from a copy, or move its run folder away and run the command again",
  });
}

function parseLine(raw: string): JournalLine | null {
  try {
    const parsed = JournalLine.safeParse(JSON.parse(raw));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Opens a journal for appending, cutting a torn last line first. With `visit` the lines that are
 * there already go to it one by one and `content.lines` stays empty.
 */
export async function openJournal(
  path: string,
  effects: Effects = realEffects,
  visit?: (line: JournalLine) => void,
): Promise<Journal> {
  const lines: JournalLine[] = [];
  const keys = new DigestMap();
  const { count, tornBytes } = await scanJournal(
    path,
    (line) => {
      keys.set(line.key);
      if (visit) visit(line);
      else lines.push(line);
    },
    effects,
  );
  if (tornBytes > 0) {
    const size = (await effects.stat(path))?.size ?? 0;
    await effects.truncate(path, size - tornBytes);
  }
  let seq = count;
  let waiting: string[] = [];
  // The last write that was begun, and the one that will take what waits. After a failed write every
  // later append fails too: the file may end in half a line.
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    await restOfTurn(); // replies that came together are one append
    const batch = waiting.join("");
    waiting = [];
    next = null;
    await effects.append(path, batch);
  };

  return {
    content: { lines, tornBytes },
    has: (key) => keys.has(key),
    append: async ({ kind, key, data }) => {
      if (keys.has(key)) return;
      keys.set(key);
      waiting.push(`${canonical({ seq: seq++, at: effects.now().toISOString(), kind, key, data })}\n`);
      next ??= writing = writing.then(write);
      await next;
    },
    sync: async () => {
      await writing;
      if (await effects.stat(path)) await effects.fsync(path);
    },
  };
}
