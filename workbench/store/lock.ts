import { join } from "node:path";
import { hostname } from "node:os";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "./effects.ts";
import { folderOf, realEffects } from "./effects.ts";

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly what: string;
  readonly at: string;
}

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
  const holder: Holder = { pid: process.pid, host: hostname(), what, at: effects.now().toISOString() };
  const token = Buffer.from(effects.random(6)).toString("hex");
  await effects.mkdir(folderOf(path));
  const mine = join(folderOf(path), `.${token}.lock`);
  await effects.write(mine, JSON.stringify(holder));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await linked(mine, path, effects)) return;
      const other = await readHolder(path, effects);
      if (other && isAlive(other, effects)) throw busy(path, other);
      // Rename decides who clears a stale lock; whoever loses simply tries to link again.
      await effects.rename(path, `${mine}.stale`).catch(() => undefined);
      await effects.remove(`${mine}.stale`);
    }
    throw busy(path, await readHolder(path, effects));
  } finally {
    await effects.remove(mine);
  }
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

async function readHolder(path: string, effects: Effects): Promise<Holder | null> {
  try {
    return JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as Holder;
  } catch {
    return null; // gone meanwhile, or torn by a crash: nobody holds it
  }
}

function isAlive(holder: Holder, effects: Effects): boolean {
  // A holder on another machine cannot be asked; believe it.
  return holder.host !== hostname() || effects.kill(holder.pid, 0);
}

function busy(path: string, holder: Holder | null): WorkbenchError {
  return new WorkbenchError({
    code: "WB_LOCK_BUSY",
    where: path,
    what: holder
      ? `"${holder.what}" holds this lock (process ${holder.pid} on ${holder.host}, since ${holder.at})`
      : "the lock is contended",
    why: "two commands may not change the same files at once",
    fix: "wait for the other command to end, then run this one again",
  });
}
