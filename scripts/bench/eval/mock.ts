// An OpenAI-shaped endpoint in a process of its own: `/ms/<latency>/v1/chat/completions` answers after so long with
// what it was asked. GET /stats tells what it saw since the last time, and begins anew.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the endpoint saw; times in milliseconds. */
export interface Seen {
  readonly requests: number;
  readonly peak: number;
  /** Time average of the calls in flight, from the first request to the last reply. */
  readonly meanInFlight: number;
  readonly spanMs: number;
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string | readonly { readonly text: string }[] }[];
}

const CHUNKS = 40;
const CHARACTERS = Number(process.argv[2] ?? 200);

let [requests, peak, inFlight, area, first, changed] = [0, 0, 0, 0, 0, 0];

function move(by: 1 | -1): void {
  const now = performance.now();
  if (requests === 0 && by === 1) first = changed = now;
  area += inFlight * (now - changed);
  changed = now;
  inFlight += by;
  peak = Math.max(peak, inFlight);
  if (by === 1) requests++;
}

function stats(): Seen {
  const spanMs = changed - first;
  const seen = { requests, peak, meanInFlight: spanMs > 0 ? area / spanMs : 0, spanMs };
  [requests, peak, area, first, changed] = [0, 0, 0, 0, 0];
  return seen;
}

function textOf({ messages }: Asked): string {
  const content = messages.at(-1)?.content ?? "";
  const asked = typeof content === "string" ? content : content.map(({ text }) => text).join("");
  return `You said: ${asked}`.padEnd(CHARACTERS, ".");
}

const usage = { prompt_tokens: 20, completion_tokens: CHUNKS, total_tokens: 20 + CHUNKS };

function answer(asked: Asked, response: ServerResponse): void {
  const text = textOf(asked);
  const head = { id: "chatcmpl-1", created: 1_700_000_000, model: asked.model };
  if (asked.stream !== true) {
    const message = { role: "assistant", content: text };
    const choices = [{ index: 0, finish_reason: "stop", message }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...head, object: "chat.completion", choices, usage }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const size = Math.ceil(text.length / CHUNKS);
  const send = (more: object): void =>
    void response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...more })}\n\n`);
  for (let at = 0; at < text.length; at += size)
    send({ choices: [{ index: 0, delta: { content: text.slice(at, at + size) }, finish_reason: null }] });
  send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  send({ choices: [], usage });
  response.end("data: [DONE]\n\n");
}

const server = createServer((request, response) => {
  if (request.url === "/stats") {
    response.end(JSON.stringify(stats()));
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    move(1);
    response.once("close", () => move(-1));
    const latencyMs = Number(/^\/ms\/(\d+)\//.exec(request.url ?? "")?.[1] ?? 0);
    const asked = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Asked;
    if (latencyMs === 0) answer(asked, response);
    else setTimeout(() => answer(asked, response), latencyMs);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
