import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { linesOf, textOf, withDeadline } from "./call.ts";

async function* body(...pieces: readonly (readonly number[])[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Uint8Array.from(piece);
}

const call = <T>(work: () => Promise<T>): Promise<T> =>
  withDeadline({ origin: "http://127.0.0.1:1", options: {} }, work, realEffects);

test("a character cut between two pieces is whole; bytes that are no UTF-8 are a bad reply", async () => {
  expect(await textOf(body([0xc3], [0xa9]))).toBe("é");
  expect(await Array.fromAsync(linesOf(body([0xc3], [0xa9, 0x0a, 0x61])))).toEqual(["é", "a"]);
  const bad = { kind: "bad-reply" };
  await expect(call(() => textOf(body([0x61, 0xff])))).rejects.toMatchObject(bad);
  await expect(call(() => Array.fromAsync(linesOf(body([0x61, 0xc3]))))).rejects.toMatchObject(bad);
});
