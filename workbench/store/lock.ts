import { hostname } from "node:os";
import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { sha256 } from "../schema/canonical.ts";
import type { Effects } from "./effects.ts";
import { folderOf, realEffects } from "./effects.ts";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, as its system says it: a reused pid has another. Null where it cannot be asked. */
  readonly started: string | null;
  readonly what: string;
  readonly at: string;
  /** Makes every lock's bytes its own, and names the taker's own file. */
  readonly token: string;
}

/** What stands at a lock's path: its bytes' digest, and its holder where the bytes can be read. */
interface Standing {
  readonly digest: string;
  readonly holder: Partial<Holder> | null;
}

interface Mine {
  /** The file that every lock of this taker is a hard link of. */
  readonly file: string;
  readonly effects: Effects;
}

const ATTEMPTS = 60;
const WAIT_MS = 20;

/**
 * Runs `work` while holding the lock file at `path`. A live holder makes this exit 7, naming it; a
 * lock whose process is gone is taken over. The lock is a hard link, so exactly one taker succeeds.
 */
export async function withLock<T>(
  path: string,
  what: string,
  work: () => Promise<T>,
  effects: Effects = realEffects,
): Promise<T> {
  await take(path, what, effects);
  try {
    return await work();
  } finally {
    await effects.remove(path);
  }
}

async function take(path: string, what: string, effects: Effects): Promise<void> {
  const token = Buffer.from(effects.random(6)).toString("hex");
  const file = ownFile(path, token);
  const started = await startOf(process.pid, effects);
  const at = effects.now().toISOString();
  const holder: Holder = { pid: process.pid, host: hostname(), started, what, at, token };
  await effects.mkdir(folderOf(path));
  try {
    await effects.write(file, JSON.stringify(holder));
    await acquire(path, { file, effects });
  } finally {
    await effects.remove(file);
  }
}

/**
 * Links the lock. A stale one is removed first, and who may remove it is a lock of its own, named by
 * the bytes of the stale one: while that is held nobody else removes those bytes, so what stands at
 * `path` cannot become a living taker's lock between the last look and the removal.
 */
async function acquire(path: string, mine: Mine): Promise<void> {
  const { effects } = mine;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await linked(mine.file, path, effects)) return;
    const there = await standing(path, effects);
    if (there === null) continue; // released meanwhile
    if (there.holder && (await isAlive(there.holder, effects))) {
      if (!isClaim(path)) throw busy(path, there.holder);
      await effects.sleep(WAIT_MS); // another taker is clearing the stale lock: it will be done at once
    } else await clear(path, there, mine);
  }
  throw busy(path, (await standing(path, effects))?.holder ?? null);
}

/** Removes the stale lock at `path` if it still is `stale`, together with the file its taker left. */
async function clear(path: string, stale: Standing, mine: Mine): Promise<void> {
  const { effects } = mine;
  const claim = join(folderOf(path), `.${stale.digest.slice(0, 24)}.claim`);
  await acquire(claim, mine);
  try {
    if ((await standing(path, effects))?.digest !== stale.digest) return;
    await effects.remove(path);
    const token = stale.holder?.token;
    if (typeof token === "string" && /^[0-9a-f]{12}$/.test(token)) await effects.remove(ownFile(path, token));
  } finally {
    await effects.remove(claim);
  }
}

function isClaim(path: string): boolean {
  return path.endsWith(".claim");
}

function ownFile(path: string, token: string): string {
  return join(folderOf(path), `.${token}.lock`);
}

async function linked(from: string, to: string, effects: Effects): Promise<boolean> {
  try {
    await effects.link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function standing(path: string, effects: Effects): Promise<Standing | null> {
  let bytes: Uint8Array;
  try {
    bytes = await effects.read(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return { digest: sha256(bytes), holder: parseHolder(Buffer.from(bytes).toString("utf8")) };
}

/** Null for bytes that a power cut left torn: a living taker links only a file that is whole. */
function parseHolder(text: string): Partial<Holder> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

async function isAlive({ pid, host, started }: Partial<Holder>, effects: Effects): Promise<boolean> {
  if (host !== hostname()) return true; // a holder on another machine cannot be asked; believe it
  if (typeof pid !== "number" || !effects.kill(pid, 0)) return false;
  const now = await startOf(pid, effects);
  return typeof started !== "string" || now === null || now === started;
}

/** The start time of a process, in ticks since boot (Linux: field 22 of /proc/<pid>/stat); null elsewhere. */
async function startOf(pid: number, effects: Effects): Promise<string | null> {
  try {
    const stat = Buffer.from(await effects.read(`/proc/${pid}/stat`)).toString("utf8");
    // The name in brackets may hold blanks and brackets; the fields are counted from its end.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function busy(path: string, holder: Partial<Holder> | null): WorkbenchError {
  const elsewhere = holder !== null && holder.host !== hostname();
  return new WorkbenchError({
    code: "WB_LOCK_BUSY",
    where: path,
    what: holder
      ? `${quoted(holder.what)} holds this lock (process ${holder.pid} on ${holder.host}, since ${holder.at})`
      : "the lock is contended",
    why: "two commands may not change the same files at once",
    fix: elsewhere
      ? "wait for the other command to end, then run this one again; if that machine is gone, delete the lock file"
      : "wait for the other command to end, then run this one again",
  });
}
