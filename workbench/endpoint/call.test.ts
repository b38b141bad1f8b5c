import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { linesOf, textOf, withDeadline } from "./call.ts";
import { fromStatus } from "./failure.ts";

async function* body(...pieces: readonly (readonly number[])[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Uint8Array.from(piece);
}

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

const call = <T>(work: () => Promise<T>): Promise<T> =>
  withDeadline({ origin: "http://127.0.0.1:1", options: {} }, work, realEffects);

test("a character cut between two pieces is whole; bytes that are no UTF-8 are a bad reply", async () => {
  expect(await textOf(body([0xc3], [0xa9]))).toBe("é");
  expect(await all(linesOf(body([0xc3], [0xa9, 0x0a, 0x61])))).toEqual(["é", "a"]);
  const bad = { kind: "bad-reply" };
  await expect(call(() => textOf(body([0x61, 0xff])))).rejects.toMatchObject(bad);
  await expect(call(() => all(linesOf(body([0x61, 0xc3]))))).rejects.toMatchObject(bad);
});

test.each([408, 425, 429, 500, 503])("HTTP %i may succeed later", (status) => {
  expect(fromStatus({ origin: "http://127.0.0.1:1", status, headers: {}, text: "" }).retryable).toBe(true);
});

test.each([400, 401, 404, 413, 422])("HTTP %i is not asked again", (status) => {
  expect(fromStatus({ origin: "http://127.0.0.1:1", status, headers: {}, text: "" }).retryable).toBe(false);
});
