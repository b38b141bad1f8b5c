import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { brotliCompressSync } from "node:zlib";
import type { Exchange } from "./exchange.ts";
import { HOSTILE } from "./hostile-replies.ts";

/** One way in which an endpoint can fail; `ok` is how it works. */
export type Fault = keyof typeof FAULTS;
type Way = Fault | keyof typeof HOSTILE;

export interface FaultServer {
  readonly origin: string;
  /** What came in: path, headers and body of each request. */
  readonly seen: {
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
    readonly body: string;
  }[];
  /** Connections that were made. */
  readonly sockets: () => number;
  readonly close: () => Promise<void>;
}

/** An endpoint whose path prefix chooses its fault: `/reset/v1/chat/completions`. */
export async function faultServer(elsewhere = "http://127.0.0.1:9/"): Promise<FaultServer> {
  const seen: FaultServer["seen"] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const path = request.url ?? "/";
      seen.push({ path, headers: request.headers, body });
      const way = (path.split("/")[1] ?? "") as Way;
      const protocol = path.includes("/api/") ? OLLAMA : OPENAI;
      const streamed = body.includes('"stream":true');
      ({ ...FAULTS, ...HOSTILE })[way]({
        request,
        response,
        elsewhere,
        whole: protocol.whole,
        events: protocol.events,
        streamed,
        body: streamed ? protocol.events.join("") : protocol.whole,
      });
    });
  });
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    sockets: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const completion = {
  id: "c1",
  object: "chat.completion",
  model: "m",
  system_fingerprint: "fp",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello there" } }],
  usage: {
    prompt_tokens: 3,
    completion_tokens: 2,
    total_tokens: 5,
    prompt_tokens_details: { cached_tokens: 1 },
  },
};
const delta = (content: string, finish: string | null = null) => ({
  model: "m",
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});
const OPENAI = {
  whole: JSON.stringify(completion),
  events: [delta("hello"), delta(" there"), delta("", "stop"), { choices: [], usage: completion.usage }]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .concat("data: [DONE]\n\n"),
};
const line = (content: string, rest: object) => ({
  model: "m",
  created_at: "",
  message: { role: "assistant", content },
  ...rest,
});
const end = {
  done: true,
  done_reason: "stop",
  prompt_eval_count: 3,
  eval_count: 2,
  load_duration: 1,
  total_duration: 5,
};
const OLLAMA = {
  whole: JSON.stringify(line("hello there", end)),
  events: [line("hello", { done: false }), line(" there", { done: false }), line("", end)].map(
    (event) => `${JSON.stringify(event)}\n`,
  ),
};

const JSON_TYPE = { "content-type": "application/json" };

function status(code: number, headers: Record<string, string> = {}, text = '{"error":{"message":"no"}}') {
  return ({ response }: Exchange): void =>
    void response.writeHead(code, { ...JSON_TYPE, ...headers }).end(text);
}

/** A good reply, changed. */
function good(change: (text: string) => string) {
  return ({ response, body }: Exchange): void => void response.writeHead(200, JSON_TYPE).end(change(body));
}

const FAULTS = {
  ok: good((text) => text),
  "open-end": ({ response, events }: Exchange) =>
    void response.writeHead(200, JSON_TYPE).write(events.join("")),
  "rate-limited": status(429, { "retry-after": "2" }),
  "rate-limited-ms": status(429, { "retry-after-ms": "150", "retry-after": "1" }),
  "server-error": status(500),
  overloaded: status(503, {
    "retry-after": "Sat, 21 Nov 2026 00:00:10 GMT",
    date: "Sat, 21 Nov 2026 00:00:00 GMT",
  }),
  forbidden: status(401),
  "unknown-model": status(404, {}, '{"error":{"message":"model x not found","code":"model_not_found"}}'),
  "bad-request": status(400),
  "error-in-200": good(() => 'data: {"error":{"message":"overloaded"}}\n\n'.slice(6, -2)),
  reset: ({ request }: Exchange) => void request.socket.resetAndDestroy(),
  "reset-midway": ({ response, request, whole, events, streamed }: Exchange) => {
    response.writeHead(200, JSON_TYPE).write(streamed ? events.slice(0, 2).join("") : whole.slice(0, 40));
    setTimeout(() => request.socket.resetAndDestroy(), 20);
  },
  hang: () => undefined,
  "hang-midway": ({ response, events, whole, streamed }: Exchange) =>
    void response.writeHead(200, JSON_TYPE).write(streamed ? events[0] : whole.slice(0, 10)),
  drip: ({ response }: Exchange) => {
    response.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => void response.write(" "), 20);
    response.once("close", () => clearInterval(timer));
  },
  half: good((text) => text.slice(0, Math.floor(text.length * 0.6))),
  garbage: good(() => "<html>bad gateway</html>"),
  "no-choices": good(() => '{"id":"x","model":"m","choices":[]}\n'),
  empty: good(() => ""),
  oversized: ({ response }: Exchange) => {
    response.writeHead(200, JSON_TYPE);
    const block = Buffer.alloc(256 * 1024, 0x20);
    const more = (): void => {
      while (!response.destroyed) if (!response.write(block)) break;
    };
    response.on("drain", more);
    more();
  },
  "oversized-length": ({ response }: Exchange) =>
    void response.writeHead(200, { ...JSON_TYPE, "content-length": "99999999999" }).write("{"),
  compressed: ({ response, whole }: Exchange) =>
    void response.writeHead(200, { ...JSON_TYPE, "content-encoding": "br" }).end(brotliCompressSync(whole)),
  redirect: ({ response, elsewhere }: Exchange) =>
    void response.writeHead(307, { location: elsewhere }).end(),
  "endless-headers": ({ request }: Exchange) =>
    void request.socket.write(
      `HTTP/1.1 200 OK\r\n${"x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(2000)}\r\n`,
    ),
} satisfies Record<string, (exchange: Exchange) => unknown>;
