import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { sha256 } from "../../schema/canonical.ts";
import { seeded } from "../../stats/random.ts";

/** Ways in which an endpoint is bad. */
export const MODES = [
  "429",
  "429-retry-after",
  "500",
  "503",
  "reset",
  "hang",
  "slow-bytes",
  "half-json",
  "wrong-model",
  "no-choices",
  "oversized",
  "compressed",
  "redirect",
  "endless-headers",
] as const;
/** Further ones: replies by the rules of HTTP, or nearly, that are no answer. */
export const HOSTILE_MODES = [
  "html",
  "interim-flood",
  "unnamed-gzip",
  "short-length",
  "other-case",
  "silence",
] as const;
export type Mode = (typeof MODES)[number] | (typeof HOSTILE_MODES)[number];

export interface FakeServer {
  readonly origin: string;
  /** Whole answers per prompt: what a hosted endpoint would have charged for. */
  readonly paid: ReadonlyMap<string, number>;
  readonly peak: () => number;
  readonly close: () => Promise<void>;
}

export interface FakeServerOptions {
  readonly latencyMs?: number;
  /** This share of the calls goes wrong, in one of these ways. */
  readonly faults?: { readonly share: number; readonly modes: readonly Mode[]; readonly seed: number };
}

/** An OpenAI-shaped endpoint on loopback: the same question gives the same answer. */
export async function fakeServer({ latencyMs = 0, faults }: FakeServerOptions = {}): Promise<FakeServer> {
  const paid = new Map<string, number>();
  const random = seeded(faults?.seed ?? 0);
  let [inFlight, peak] = [0, 0];
  const server = createServer((request, response) => {
    peak = Math.max(peak, ++inFlight);
    response.once("close", () => inFlight--);
    void bodyOf(request).then((body) => {
      const mode =
        faults && random.uniform() < faults.share ? faults.modes[random.below(faults.modes.length)] : null;
      setTimeout(() => {
        if (mode) misbehave(mode, body, response);
        else if (!response.destroyed) {
          const prompt = body.messages.map(({ content }) => content).join("\n");
          paid.set(prompt, (paid.get(prompt) ?? 0) + 1);
          send(response, completion(body.model, prompt));
        }
      }, latencyMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paid,
    peak: () => peak,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the fake model says to a prompt. */
export const fakeAnswer = (prompt: string): string => sha256(prompt).slice(0, 8);

interface Body {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body;
}

function completion(model: string, prompt: string): object {
  return {
    id: "chat",
    object: "chat.completion",
    model,
    choices: [
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: fakeAnswer(prompt) } },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 8, total_tokens: 18 },
  };
}

function send(
  response: ServerResponse,
  value: object,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

const ERROR = { error: { message: "no", type: "server_error" } };

function misbehave(mode: Mode, { model }: Body, response: ServerResponse): void {
  const whole = completion(model, "a lie");
  const json = JSON.stringify(whole);
  const ways: Record<Mode, () => void> = {
    "429": () => send(response, ERROR, 429),
    "429-retry-after": () => send(response, ERROR, 429, { "retry-after-ms": "30" }),
    "500": () => send(response, ERROR, 500),
    "503": () => send(response, ERROR, 503),
    reset: () => void response.destroy(),
    hang: () => undefined,
    "slow-bytes": () => {
      response.writeHead(200, { "content-type": "application/json", "content-length": String(json.length) });
      response.write(json.slice(0, 10));
    },
    "half-json": () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(json.slice(0, json.length / 2));
    },
    "wrong-model": () => send(response, { ...whole, model: "another" }),
    "no-choices": () => send(response, { ...whole, choices: [] }),
    oversized: () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`"${"x".repeat(17 << 20)}"`);
    },
    compressed: () => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(json));
    },
    html: () => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(`<!doctype html><p>${fakeAnswer("a lie")}</p>`);
    },
    "interim-flood": () => {
      response.socket?.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(10_000));
    },
    "unnamed-gzip": () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(gzipSync(Buffer.alloc(1 << 20, 0x20)));
    },
    "short-length": () => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length >> 1}`;
      response.socket?.write(`${head}\r\n\r\n${json}`);
    },
    "other-case": () => send(response, { ...whole, model: model.toUpperCase() }),
    silence: () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    },
    redirect: () => send(response, {}, 307, { location: "http://127.0.0.1:9/" }),
    "endless-headers": () => {
      response.socket?.write(`HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(20_000)}`);
      response.socket?.destroy();
    },
  };
  ways[mode]();
}
