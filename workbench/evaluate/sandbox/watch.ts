import type { Effects } from "../../store/effects.ts";
import type { Limits } from "./limits.ts";

/** A limit that the program passed; `time` and `output` are seen elsewhere. */
export type Passed = "memory" | "processes";

const EVERY_MS = 100;

/**
 * Looks ten times a second at a process and all below it, until `isOver`. The kernel's limits hold for
 * each process; here they are taken together. Where there is no /proc, nothing is seen.
 */
export async function watch(
  pid: number,
  limits: Limits,
  at: { readonly isOver: () => boolean; readonly passed: (what: Passed) => void },
  effects: Effects,
): Promise<void> {
  while (!at.isOver()) {
    const pids = await descendants(pid, effects);
    const sizes = await Promise.all(pids.map((one) => memoryKb(one, effects)));
    const kb = sizes.reduce((sum, size) => sum + size, 0);
    // Ours stand above it: bwrap twice, setpriv and prlimit until they have become the program.
    if (pids.length > limits.processes + 4) at.passed("processes");
    else if (kb > limits.memoryMb * 1024) at.passed("memory");
    else await effects.sleep(EVERY_MS);
  }
}

/** A process and all below it, as /proc tells them; itself first. */
export async function descendants(pid: number, effects: Effects): Promise<readonly number[]> {
  const found = [pid];
  for (const one of found) {
    for (const thread of await effects.list(`/proc/${one}/task`).catch(() => [])) {
      const text = await readText(`/proc/${one}/task/${thread}/children`, effects);
      for (const child of text.split(" ")) if (child !== "") found.push(Number(child));
    }
  }
  return found;
}

/** What a process holds, shared pages split among those who share them. */
async function memoryKb(pid: number, effects: Effects): Promise<number> {
  const text = await readText(`/proc/${pid}/smaps_rollup`, effects);
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
}

async function readText(path: string, effects: Effects): Promise<string> {
  try {
    return Buffer.from(await effects.read(path)).toString("utf8");
  } catch {
    return ""; // it has ended, or is not ours to look at
  }
}

/** Every process of ours that carries this in the environment it began with. */
export async function carriers(mark: string, effects: Effects): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await effects.list("/proc").catch(() => []))
    if (/^\d+$/.test(name) && (await readText(`/proc/${name}/environ`, effects)).includes(mark))
      found.push(Number(name));
  return found;
}
