import type { Effects } from "../store/effects.ts";

/** Records in a quarantine file, counted from its bytes: one line each. */
export async function quarantineCount(path: string, effects: Effects): Promise<number> {
  let count = 0;
  for await (const chunk of effects.stream(path)) for (const byte of chunk) if (byte === 0x0a) count++;
  return count;
}
