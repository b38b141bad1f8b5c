import { availableParallelism } from "node:os";

const waiting: (() => void)[] = [];
let free = availableParallelism();

/** As many at a time as there are cores: a program that waits for its turn must not run out of time. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }
}
