import type { Effects } from "../effects.ts";

const GATHERED = 1 << 16;

/** Appends pieces in order: small ones together, as each call costs; large ones as they lie, as a copy costs. */
export async function appendPieces(
  path: string,
  pieces: readonly Uint8Array[],
  effects: Effects,
): Promise<void> {
  let small: Uint8Array[] = [];
  const append = async (): Promise<void> => {
    if (small.length > 0) await effects.append(path, Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < GATHERED) small.push(piece);
    else {
      await append();
      await effects.append(path, piece);
    }
  }
  await append();
}
