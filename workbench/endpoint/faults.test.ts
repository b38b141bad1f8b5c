import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkbenchError } from "../errors/error.ts";
import { Config } from "../schema/config.ts";
import { realEffects } from "../store/effects.ts";
import { chatClient } from "./chat-client.ts";
import type { ChatClient, ChatRequest } from "./client.ts";
import { connect } from "./connect.ts";
import { EndpointError, endpointDown } from "./error.ts";
import type { EndpointErrorKind } from "./error.ts";
import { OLLAMA } from "./ollama.ts";
import { OPENAI } from "./openai.ts";
import { secretFor } from "./secret.ts";
import { faultServer } from "./testing/fault-server.ts";
import type { Fault, FaultServer } from "./testing/fault-server.ts";
import { openTransport } from "./transport.ts";

const request: ChatRequest = { model: "m", messages: [{ role: "user", content: "hi" }], temperature: 0 };
const DEADLINE_MS = 500;
let server: FaultServer;
let thief: FaultServer;
beforeAll(async () => {
  thief = await faultServer();
  server = await faultServer(`${thief.origin}/ok/v1/chat/completions`);
});
afterAll(async () => {
  await server.close();
  await thief.close();
});

type Protocol = "openai" | "ollama";
function clientFor(fault: Fault, protocol: Protocol): ChatClient {
  const url = `${server.origin}/${fault}${protocol === "openai" ? "/v1" : ""}`;
  const transport = openTransport({ url, secret: secretFor(server.origin, "sk-canary") });
  return chatClient(transport, protocol === "openai" ? OPENAI : OLLAMA, realEffects);
}

const EXPECTED: Readonly<
  Record<Exclude<Fault, "ok" | "open-end">, EndpointErrorKind | readonly EndpointErrorKind[]>
> = {
  "rate-limited": "rate-limited",
  "rate-limited-ms": "rate-limited",
  "server-error": "unavailable",
  overloaded: "unavailable",
  forbidden: "auth",
  "unknown-model": "unknown-model",
  "bad-request": "refused",
  "error-in-200": ["unavailable", "bad-reply"],
  reset: "unavailable",
  "reset-midway": "unavailable",
  hang: "timeout",
  "hang-midway": "timeout",
  drip: "timeout",
  half: "bad-reply",
  garbage: "bad-reply",
  "no-choices": "bad-reply",
  empty: "bad-reply",
  oversized: ["bad-reply", "timeout"],
  "oversized-length": "bad-reply",
  compressed: "bad-reply",
  redirect: "refused",
  "endless-headers": "bad-reply",
};

describe.each(["openai", "ollama"] as const)("%s", (protocol) => {
  test.each([false, true])("a good reply, streamed: %s", async (stream) => {
    const client = clientFor("ok", protocol);
    const reply = await client.chat(request, { stream });
    expect(reply).toMatchObject({
      text: "hello there",
      finishReason: "stop",
      usage: { inputTokens: 3, outputTokens: 2, cachedTokens: protocol === "openai" ? 1 : null },
      servedModel: "m",
    });
    expect(reply.latencyMs).toBeGreaterThan(0);
    expect(reply.ttftMs === null).toBe(!stream);
    await client.close();
  });

  describe.each([false, true])("streamed: %s", (stream) => {
    test.each(Object.entries(EXPECTED))("%s is a typed error within the deadline", async (fault, kinds) => {
      const client = clientFor(fault as Fault, protocol);
      const start = performance.now();
      const error: unknown = await client.chat(request, { stream, deadlineMs: DEADLINE_MS }).then(
        (reply) => new Error(`a reply came: ${reply.text}`),
        (thrown: unknown) => thrown,
      );
      expect(performance.now() - start).toBeLessThan(DEADLINE_MS + 400);
      expect(error).toBeInstanceOf(EndpointError);
      expect([kinds].flat()).toContain((error as EndpointError).kind);
      expect(String(error)).not.toContain("canary");
      await client.close();
    });
  });

  test("sends the key to its origin, nothing of the environment, and asks for no compression", async () => {
    const client = clientFor("ok", protocol);
    await client.chat(request, { idempotencyKey: "k1" });
    const { headers } = server.seen.at(-1)!;
    expect(headers).toMatchObject({
      authorization: "Bearer sk-canary",
      "accept-encoding": "identity",
      "idempotency-key": "k1",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("x-stainless"))).toEqual([]);
    await client.close();
  });

  test("a redirect carries nothing elsewhere", async () => {
    const client = clientFor("redirect", protocol);
    await expect(client.chat(request)).rejects.toMatchObject({
      kind: "refused",
      status: 307,
      retryable: false,
    });
    expect(thief.seen).toEqual([]);
    await client.close();
  });

  test("the caller's abort comes out as its reason", async () => {
    const client = clientFor("hang", protocol);
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 50);
    await expect(client.chat(request, { signal: controller.signal })).rejects.toBe(reason);
    await client.close();
  });

  test("a broken call leaves the pool usable", async () => {
    const client = clientFor("reset", protocol);
    for (let n = 0; n < 3; n++)
      await expect(client.chat(request)).rejects.toMatchObject({ kind: "unavailable", retryable: true });
    await client.close();
  });
});

describe("details", () => {
  test("retry-after in seconds, in milliseconds and as a date", async () => {
    for (const [fault, waitMs] of [
      ["rate-limited", 2000],
      ["rate-limited-ms", 150],
      ["overloaded", 10_000],
      ["server-error", null],
    ] as const) {
      const client = clientFor(fault, "openai");
      await expect(client.chat(request)).rejects.toMatchObject({ retryAfterMs: waitMs });
      await client.close();
    }
  });

  test("a stream that stays open behind its end is a whole reply, and costs little more than its time", async () => {
    const client = clientFor("open-end", "openai");
    const start = performance.now();
    const reply = await client.chat(request, { stream: true });
    expect(reply.text).toBe("hello there");
    expect(performance.now() - start).toBeLessThan(2000);
    expect(reply.latencyMs).toBeLessThan(250);
    await client.close();
  });

  test.each([false, true])(
    "sockets serve again: there are as many as calls in flight; streamed: %s",
    async (stream) => {
      const client = clientFor("ok", "openai");
      const before = server.sockets();
      const askOn = async (): Promise<void> => {
        for (let n = 0; n < 20; n++) await client.chat(request, { stream });
      };
      await Promise.all(Array.from({ length: 16 }, askOn));
      // And one: the first of those that end together may ask on before its own is free.
      expect(server.sockets() - before).toBeLessThanOrEqual(17);
      await client.close();
    },
  );

  test("nobody there is WB_ENDPOINT_DOWN, exit 5, with the origin and what to do", async () => {
    const transport = openTransport({ url: "http://127.0.0.1:9/v1", secret: null });
    const error = await chatClient(transport, OPENAI, realEffects)
      .chat(request)
      .catch((thrown: unknown) => thrown);
    const down = endpointDown(error as EndpointError);
    expect(down).toMatchObject({ code: "WB_ENDPOINT_DOWN", exitCode: 5, where: "http://127.0.0.1:9" });
    expect(down.fix).toMatch(/workbench.config.yaml/);
    await transport.close();
  });

  test("ollama is always told the size of its context", async () => {
    const client = clientFor("ok", "ollama");
    await client.chat(request);
    expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({ options: { num_ctx: 4096 } });
    await client.close();
  });
});

describe("connect", () => {
  const config = Config.parse({
    schema: "workbench/config@1",
    project: "p",
    endpoints: {
      hosted: { kind: "openai", url: "https://api.example.com/v1", keyEnv: "MY_KEY" },
      local: { kind: "local", protocol: "ollama" },
    },
    models: {
      a: { endpoint: "hosted", model: "gpt" },
      b: { endpoint: "local", model: "tiny" },
      c: { endpoint: "gone", model: "x" },
    },
  });
  const effects = { ...realEffects, env: (name: string) => (name === "MY_KEY" ? "sk-1" : undefined) };

  test("picks the protocol and the origin", async () => {
    const a = await connect(config, "a", {}, effects);
    expect([a.protocol, a.client.origin]).toEqual(["openai", "https://api.example.com"]);
    const b = await connect(config, "b", { localOrigin: "http://127.0.0.1:1" }, effects);
    expect([b.protocol, b.client.origin, b.ref.model]).toEqual(["ollama", "http://127.0.0.1:1", "tiny"]);
    await Promise.all([a.client.close(), b.client.close()]);
  });

  test("says what is missing", async () => {
    await expect(connect(config, "zzz", {}, effects)).rejects.toMatchObject({ code: "WB_MODEL_UNKNOWN" });
    await expect(connect(config, "c", {}, effects)).rejects.toMatchObject({ code: "WB_CONFIG_INVALID" });
    await expect(connect(config, "b", {}, effects)).rejects.toMatchObject({ code: "WB_ENDPOINT_DOWN" });
    await expect(connect(config, "a", {}, { ...effects, env: () => "" })).rejects.toBeInstanceOf(
      WorkbenchError,
    );
  });
});
