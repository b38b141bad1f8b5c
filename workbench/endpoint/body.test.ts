import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { chatClient } from "./chat-client.ts";
import { Lines, textOf } from "./body.ts";
import { fromStatus, fromThrown } from "./failure.ts";
import { OPENAI } from "./openai.ts";
import { openTransport } from "./transport.ts";

/** All lines of a body that came in these pieces. */
function linesOf(...pieces: readonly (readonly number[])[]): readonly string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const piece of pieces) lines.take(Uint8Array.from(piece));
  lines.end();
  return found;
}

test("a character cut between two pieces is whole; bytes that are no UTF-8 are thrown", () => {
  expect(textOf([Uint8Array.of(0xc3), Uint8Array.of(0xa9)])).toBe("é");
  expect(linesOf([0xc3], [0xa9, 0x0a, 0x61])).toEqual(["é", "a"]);
  expect(() => textOf([Uint8Array.of(0x61, 0xff)])).toThrow(TypeError);
  expect(() => linesOf([0x61, 0xc3])).toThrow(TypeError);
  expect(
    fromThrown(
      "http://127.0.0.1:1",
      thrownBy(() => textOf([Uint8Array.of(0xff)])),
    ).kind,
  ).toBe("bad-reply");
});

test("any text in any pieces gives its lines", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat()), (texts, cuts) => {
      const whole = texts.map((text) => text.replace(/[\r\n]/g, " "));
      const bytes = [...Buffer.from(whole.map((line) => `${line}\r\n`).join(""))];
      const at = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const pieces = [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length));
      expect(linesOf(...pieces)).toEqual(whole);
    }),
  );
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

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
