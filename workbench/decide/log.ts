import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { canonical, digestOf } from "../schema/canonical.ts";
import { LogRow, type LogKind } from "../schema/registry.ts";
import type { Effects } from "../store/effects.ts";
import { folderOf, realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import { signHead } from "./sign-head.ts";

export const FIRST_PREV = "0".repeat(64);

/** An event before it has a number, a time and a place in the chain. */
export interface LogEvent {
  readonly kind: LogKind;
  readonly key: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Log {
  readonly rows: readonly LogRow[];
  /** Hash of the last row; 64 zeros when there is none. */
  readonly head: string;
  /** Bytes of a torn last line, which a crash leaves and the next append cuts. */
  readonly tornBytes: number;
}

export function logPath(project: Project): string {
  return join(project.runs, "registry", "log.jsonl");
}

/** Hash of a row: SHA-256 of its canonical JSON without `hash`. */
export function rowHash(row: Omit<LogRow, "hash">): string {
  const { hash: _hash, ...rest } = row as LogRow;
  return digestOf(rest);
}

/**
 * Reads the log and checks its chain: an edited, deleted, inserted or swapped row is exit 6, named
 * by its line. Rows cut from the end leave a valid chain: only a head kept elsewhere shows that.
 */
export async function readLog(project: Project, effects: Effects = realEffects): Promise<Log> {
  const path = logPath(project);
  if (!(await effects.stat(path))) return { rows: [], head: FIRST_PREV, tornBytes: 0 };
  const bytes = Buffer.from(await effects.read(path));
  const end = bytes.lastIndexOf(0x0a) + 1;
  const text = bytes.subarray(0, end).toString("utf8");
  const rows: LogRow[] = [];
  let head = FIRST_PREV;
  for (const line of text === "" ? [] : text.slice(0, -1).split("\n")) {
    const row = checked(line, { head, seq: rows.length });
    if (typeof row === "string") throw tampered(path, rows.length + 1, row);
    rows.push(row);
    head = row.hash;
  }
  return { rows, head, tornBytes: bytes.length - end };
}

function checked(
  line: string,
  { head, seq }: { readonly head: string; readonly seq: number },
): LogRow | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "this line is not JSON";
  }
  const parsed = LogRow.safeParse(value);
  if (!parsed.success || canonical(parsed.data) !== line)
    return "this line is not a log row as it was written";
  const row = parsed.data;
  if (row.seq !== seq) return `row ${row.seq} stands where ${seq} must`;
  if (row.prev !== head) return "this row does not continue the one before";
  return rowHash(row) === row.hash ? row : "this row was changed after it was written";
}

function tampered(path: string, line: number, what: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where: `${path}:${line}`,
    what,
    why: "each row carries the hash of the one before, so that no past can be rewritten unnoticed",
    fix: "restore the log from version control; nothing is promoted until its chain holds",
  });
}

/** Finds rows cut from the end: the head someone noted must be in the chain. */
export function containsHead(log: Log, head: string): boolean {
  return head === FIRST_PREV || log.rows.some((row) => row.hash === head);
}

/**
 * Runs `decide` on the log as it stands and appends what it returns, all under the log's lock. Keys
 * that are there already are left out. A lock held by another is exit 7.
 */
export async function appendLog(
  project: Project,
  decide: (log: Log) => readonly LogEvent[] | Promise<readonly LogEvent[]>,
  effects: Effects = realEffects,
): Promise<Log> {
  const path = logPath(project);
  const lock = join(folderOf(path), "log.lock");
  return withLock(lock, "registry", () => append(project, path, { decide, effects }), effects);
}

async function append(
  project: Project,
  path: string,
  {
    decide,
    effects,
  }: {
    readonly decide: (log: Log) => readonly LogEvent[] | Promise<readonly LogEvent[]>;
    readonly effects: Effects;
  },
): Promise<Log> {
  const log = await readLog(project, effects);
  const known = new Set(log.rows.map((row) => row.key));
  const rows = [...log.rows];
  let head = log.head;
  for (const { kind, key, data } of await decide(log)) {
    if (known.has(key)) continue;
    known.add(key);
    const at = effects.now().toISOString();
    const bare = { seq: rows.length, at, prev: head, kind, key, actor: actorOf(effects), data };
    const row: LogRow = { ...bare, hash: rowHash(bare) };
    rows.push(row);
    head = row.hash;
  }
  const fresh = rows.slice(log.rows.length);
  if (fresh.length > 0) {
    if (log.tornBytes > 0) {
      const size = (await effects.stat(path))?.size ?? 0;
      await effects.truncate(path, size - log.tornBytes);
    }
    await effects.append(path, fresh.map((row) => `${canonical(row)}\n`).join(""));
    await effects.fsync(path);
    await signHead(project, { head, rows: rows.length }, effects);
  }
  return { rows, head, tornBytes: 0 };
}

/** Like `appendLog` for bookkeeping that may wait its turn: tries for about five seconds. */
export async function appendPatiently(
  project: Project,
  decide: (log: Log) => readonly LogEvent[] | Promise<readonly LogEvent[]>,
  effects: Effects = realEffects,
): Promise<Log> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await appendLog(project, decide, effects);
    } catch (error) {
      if (!(error instanceof WorkbenchError) || error.code !== "WB_LOCK_BUSY" || attempt === 50) throw error;
      await effects.sleep(100);
    }
  }
}

/** Who acts: WORKBENCH_ACTOR, else the login name. */
export function actorOf(effects: Effects): string {
  return effects.env("WORKBENCH_ACTOR") ?? effects.env("USER") ?? "unknown";
}
