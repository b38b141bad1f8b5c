import type { Effects } from "../../store/effects.ts";

export const FAULT_MODES = ["before", "torn", "after", "enospc", "eio"] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

export class Killed extends Error {}

/**
 * Effects that strike at the n-th point. `before`, `torn` and `after` kill: every later effect
 * throws, as a dead process runs no `finally`. `enospc` and `eio` fail that call and life goes on.
 */
export function faulty(
  inner: Effects,
  strike: number,
  mode: FaultMode,
): { effects: Effects; passed: () => number } {
  let [points, dead] = [0, false];
  const kill = (): never => {
    dead = true;
    throw new Killed();
  };
  const point =
    <A extends readonly unknown[]>(
      call: (...args: A) => Promise<void>,
      half: (...args: A) => Promise<void> = async () => undefined,
    ) =>
    async (...args: A): Promise<void> => {
      if (dead) throw new Killed();
      if (++points !== strike) return call(...args);
      if (mode === "before") kill();
      if (mode === "after") {
        await call(...args);
        kill();
      }
      await half(...args);
      if (mode === "torn") kill();
      throw Object.assign(new Error(mode), { code: mode.toUpperCase() });
    };
  const halfOf = (data: string | Uint8Array): Buffer => {
    const bytes = Buffer.from(data as string);
    return bytes.subarray(0, bytes.length >> 1);
  };
  const alive =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (dead) throw new Killed();
      return call(...args);
    };
  return {
    passed: () => points,
    effects: {
      ...inner,
      write: point(inner.write, (path, data, options) => inner.write(path, halfOf(data), options)),
      append: point(inner.append, (path, data) => inner.append(path, halfOf(data))),
      rename: point(inner.rename, inner.rename),
      link: point(inner.link),
      fsync: point(inner.fsync),
      remove: point(inner.remove),
      mkdir: alive(inner.mkdir),
      read: alive(inner.read),
      stat: alive(inner.stat),
      list: alive(inner.list),
    },
  };
}
