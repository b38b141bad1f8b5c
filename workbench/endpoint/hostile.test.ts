import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { chatClient } from "./chat-client.ts";
import type { ChatReply, ChatRequest } from "./client.ts";
import { EndpointError, type EndpointErrorKind } from "./error.ts";
import { OLLAMA } from "./ollama.ts";
import { OPENAI } from "./openai.ts";
import { faultServer, type FaultServer } from "./testing/fault-server.ts";
import type { HOSTILE } from "./testing/hostile-replies.ts";
import { openTransport } from "./transport.ts";

const request: ChatRequest = { model: "m", messages: [{ role: "user", content: "hi" }], temperature: 0 };
const DEADLINE_MS = 800;
const SLACK_MS = 1200;
const MB = 1024 * 1024;
/** Of the 16 MB that a reply may have: its bytes, their text, and what is not yet collected. */
const MOST_MB = 160;

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
});
afterAll(() => server.close());

type Hostile = keyof typeof HOSTILE;
type Ending = "reply" | EndpointErrorKind | readonly EndpointErrorKind[];

/** How a call ends that is not streamed, and one that is. A reply is whole and says what it should. */
const ENDINGS: Readonly<Record<Hostile, readonly [whole: Ending, streamed: Ending]>> = {
  "early-hints": ["reply", "reply"],
  trailers: ["reply", "reply"],
  "endless-trailers": ["bad-reply", "bad-reply"],
  "interim-flood": ["bad-reply", "bad-reply"],
  html: ["bad-reply", "bad-reply"],
  "gzip-bomb": ["bad-reply", "bad-reply"],
  "gzip-429": ["rate-limited", "rate-limited"],
  "endless-429": ["rate-limited", "rate-limited"],
  "silent-429": ["rate-limited", "rate-limited"],
  "gzip-unnamed": ["bad-reply", "bad-reply"],
  "short-length": ["bad-reply", "bad-reply"],
  // A stream says itself that it has ended.
  "long-length": [["bad-reply", "unavailable"], "reply"],
  "two-replies": ["reply", "reply"],
  "other-case": ["reply", "reply"],
  "usage-nan": ["bad-reply", "bad-reply"],
  "usage-lies": ["reply", "reply"],
  "usage-huge": ["reply", "reply"],
  "done-twice": ["bad-reply", "reply"],
  "comment-flood": [
    ["bad-reply", "timeout"],
    ["bad-reply", "timeout"],
  ],
  "blank-flood": [
    ["bad-reply", "timeout"],
    ["bad-reply", "timeout"],
  ],
  "one-line": [
    ["bad-reply", "timeout"],
    ["bad-reply", "timeout"],
  ],
  "event-flood": [
    ["bad-reply", "timeout"],
    ["bad-reply", "timeout"],
  ],
  "deep-json": ["bad-reply", "bad-reply"],
  silence: ["timeout", "timeout"],
};

function clientFor(hostile: Hostile, protocol: "openai" | "ollama") {
  const url = `${server.origin}/${hostile}${protocol === "openai" ? "/v1" : ""}`;
  return chatClient(
    openTransport({ url, secret: null }),
    protocol === "openai" ? OPENAI : OLLAMA,
    realEffects,
  );
}

function checkReply(reply: ChatReply, hostile: Hostile): void {
  expect(reply.text).toBe("hello there");
  expect(reply.servedModel).toBe(hostile === "other-case" ? "M" : "m");
  const { inputTokens, outputTokens } = reply.usage;
  expect(inputTokens).toBe(hostile === "usage-lies" ? null : 3);
  expect(outputTokens).toBe(hostile.startsWith("usage-") ? null : 2);
}

const CASES = (Object.keys(ENDINGS) as Hostile[]).flatMap((hostile) =>
  [false, true].map((stream) => ({ hostile, stream })),
);

describe.each(["openai", "ollama"] as const)("%s", (protocol) => {
  // What an SSE stream says is nonsense to Ollama's lines, and is refused there.
  const cases = CASES.filter(({ hostile }) => protocol === "openai" || hostile !== "done-twice");
  test.each(cases)("$hostile, streamed: $stream", async ({ hostile, stream }) => {
    const client = clientFor(hostile, protocol);
    const before = process.memoryUsage();
    const begunMs = performance.now();
    const ended = await client
      .chat(request, { stream, deadlineMs: DEADLINE_MS })
      .catch((thrown: unknown) => thrown);
    expect(performance.now() - begunMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    const after = process.memoryUsage();
    expect((after.rss - before.rss) / MB).toBeLessThan(MOST_MB);
    const ending = ENDINGS[hostile][stream ? 1 : 0];
    if (ending === "reply") checkReply(ended as ChatReply, hostile);
    else {
      expect(ended).toBeInstanceOf(EndpointError);
      expect([ending].flat()).toContain((ended as EndpointError).kind);
      if (ending === "rate-limited") expect((ended as EndpointError).retryAfterMs).toBe(3000);
    }
    await client.close();
  });
});

test("what comes behind a reply is no reply to the next call", async () => {
  const client = clientFor("two-replies", "openai");
  for (let n = 0; n < 5; n++) expect((await client.chat(request)).text).toBe("hello there");
  await client.close();
});
