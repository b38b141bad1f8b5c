import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { chatClient } from "./chat-client.ts";
import { linesOf, textOf, withDeadline } from "./call.ts";
import { fromStatus } from "./failure.ts";
import { OPENAI } from "./openai.ts";
import { openTransport } from "./transport.ts";

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

/** Answers every chat from a thread of its own; counts the questions and the answers that left. */
const SERVER = `
const { workerData: counts, parentPort } = require("node:worker_threads");
const server = require("node:http").createServer((request, response) => {
  request.resume().once("end", () => {
    Atomics.add(counts, 0, 1);
    response.once("finish", () => { Atomics.add(counts, 1, 1); Atomics.notify(counts, 1); });
    const message = { role: "assistant", content: "paid" };
    const reply = { model: "m", choices: [{ index: 0, finish_reason: "stop", message }] };
    setTimeout(() => response.end(JSON.stringify(reply)), 50);
  });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

test("a reply that came in time is taken, though this process was busy until after the deadline", async () => {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(SERVER, { eval: true, workerData: counts });
  const port = await new Promise<number>((done) => worker.once("message", done));
  const transport = openTransport({ url: `http://127.0.0.1:${port}/v1`, secret: null });
  const client = chatClient(transport, OPENAI, realEffects);
  const request = { model: "m", messages: [{ role: "user" as const, content: "hi" }] };
  try {
    await client.chat(request);
    const deadlineMs = 700;
    const reply = client.chat(request, { deadlineMs });
    while (Atomics.load(counts, 0) < 2) await realEffects.sleep(1);
    // Busy where replies are read and scored: behind it, timers come before sockets.
    await new Promise((done) => setImmediate(done));
    Atomics.wait(counts, 1, 1, 5000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, deadlineMs);
    expect((await reply).text).toBe("paid");
  } finally {
    await client.close();
    await worker.terminate();
  }
});
