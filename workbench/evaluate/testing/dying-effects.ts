import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";

/** Thrown by every effect of a process that is dead. */
export class Dead extends Error {
  override readonly message = "the process is dead";
}

export type Moment = "before" | "torn" | "after";

/**
 * Effects of a process that dies at its n-th change of the disk: just before it, half way through, or
 * just after. From then on everything throws, since a dead process cannot run its `finally`.
 */
export function dyingEffects(n: number, moment: Moment): { effects: Effects; changes: () => number } {
  let [changes, dead] = [0, false];
  const alive = (): void => {
    if (dead) throw new Dead();
  };
  const strike = async (change: () => Promise<void>, half?: () => Promise<void>): Promise<void> => {
    alive();
    if (++changes !== n) return change();
    if (moment === "after") await change();
    else if (moment === "torn") await half?.();
    dead = true;
    throw new Dead();
  };
  const halfOf = (data: string | Uint8Array): Uint8Array => {
    const bytes = Buffer.from(data as Uint8Array);
    return bytes.subarray(0, bytes.length >> 1);
  };
  const real = realEffects;
  const effects: Effects = {
    ...real,
    append: (path, data) =>
      strike(
        () => real.append(path, data),
        () => real.append(path, halfOf(data)),
      ),
    write: (path, data, options) =>
      strike(
        () => real.write(path, data, options),
        () => real.write(path, halfOf(data), options),
      ),
    rename: (from, to) => strike(() => real.rename(from, to)),
    link: (from, to) => strike(() => real.link(from, to)),
    fsync: (path) => strike(() => real.fsync(path)),
    truncate: (path, length) => strike(() => real.truncate(path, length)),
    remove: (path) => strike(() => real.remove(path)),
    // What held a lock is gone: its process is not there any more.
    kill: () => false,
    spawn: () => {
      throw new Error("no git here");
    },
    read: async (path) => (alive(), real.read(path)),
    sleep: async () => alive(),
  };
  return { effects, changes: () => changes };
}
