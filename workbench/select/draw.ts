import { sha256 } from "../schema/canonical.ts";

/**
 * A number in [0, 1) that depends on (seed, key) alone: 52 bits of SHA-256. A new row changes no
 * other row's draw, so samples and splits only grow.
 */
export function draw(seed: number, key: string): number {
  return Number.parseInt(sha256(`${seed}:${key}`).slice(0, 13), 16) / 2 ** 52;
}
