import type { Effects } from "../../../store/effects.ts";
import { realEffects } from "../../../store/effects.ts";

export class Killed extends Error {}

/** What changes the world: where a process may die. */
const STEPS = ["fetch", "spawn", "write", "append", "rename", "link", "truncate", "fsync"] as const;

export interface Dying {
  readonly effects: Effects;
  /** Steps taken, so that a test knows when it has died at each. */
  readonly steps: () => number;
}

/**
 * Effects of a process that dies at its n-th step, before it or just after it: from then on every
 * call fails, as nothing more can be done by a process that is gone.
 */
export function dyingAt(n: number, after: boolean, base: Effects = realEffects): Dying {
  let [taken, dead] = [0, false];
  const guard = <Args extends readonly unknown[], R>(act: (...args: Args) => R, counts: boolean) =>
    ((...args: Args): R => {
      if (dead) throw new Killed();
      if (!counts) return act(...args);
      taken++;
      if (taken !== n) return act(...args);
      dead = true;
      if (!after) throw new Killed();
      const result: unknown = act(...args);
      return (result instanceof Promise ? result.then(() => Promise.reject(new Killed())) : result) as R;
    }) as never;
  const effects = { ...base } as Record<string, unknown>;
  for (const name of Object.keys(base) as (keyof Effects)[])
    if (typeof base[name] === "function" && !["now", "monotonicMs", "random", "env"].includes(name))
      effects[name] = guard(base[name] as never, (STEPS as readonly string[]).includes(name));
  return { effects: effects as unknown as Effects, steps: () => taken };
}
