import { gzipSync } from "node:zlib";
import type { Exchange } from "./exchange.ts";

const JSON_TYPE = { "content-type": "application/json" };
const MB = 1024 * 1024;

/** Ten million bytes in ten thousand. */
const BOMB = gzipSync(Buffer.alloc(10 * MB, 0x20));

/** A good body, changed. */
const changed =
  (change: (text: string) => string) =>
  ({ response, body }: Exchange): void =>
    void response.writeHead(200, JSON_TYPE).end(change(body));

/** Writes a block for as long as somebody reads. */
const flood =
  (head: string, block: string) =>
  ({ request: { socket } }: Exchange): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on("drain", more);
    socket.write(head);
    more();
  };

const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Replies by the rules of HTTP, or nearly, that want to be more, longer or other than an answer. */
export const HOSTILE = {
  "early-hints": ({ request: { socket }, body }: Exchange) =>
    void socket.write(
      "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(2) +
        `${OK}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  trailers: ({ request: { socket }, body }: Exchange) =>
    void socket.write(
      `${OK}trailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n${chunked(body)}0\r\nx-sum: 1\r\n\r\n`,
    ),
  "endless-trailers": flood(
    `${OK}transfer-encoding: chunked\r\n\r\n${chunked("{}")}0\r\n`,
    `x-filler: ${"a".repeat(1000)}\r\n`,
  ),
  "interim-flood": flood("", "HTTP/1.1 102 Processing\r\n\r\n".repeat(100)),
  html: ({ response }: Exchange) =>
    void response
      .writeHead(200, { "content-type": "text/html" })
      .end("<!doctype html>\n<p>Please log in</p>\n"),
  "gzip-bomb": ({ response }: Exchange) =>
    void response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(BOMB),
  "gzip-429": ({ response }: Exchange) =>
    void response.writeHead(429, { "retry-after": "3", "content-encoding": "gzip" }).end(BOMB),
  "endless-429": flood("HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\n\r\n", "wait ".repeat(1000)),
  "silent-429": ({ response }: Exchange) => response.writeHead(429, { "retry-after": "3" }).flushHeaders(),
  "gzip-unnamed": ({ response }: Exchange) => void response.writeHead(200, JSON_TYPE).end(BOMB),
  "short-length": ({ request: { socket }, body }: Exchange) =>
    void socket.write(`${OK}content-length: ${Math.floor(body.length / 2)}\r\n\r\n${body}`),
  "long-length": ({ request: { socket }, body }: Exchange) =>
    void socket.end(`${OK}content-length: ${body.length + 9}\r\n\r\n${body}`),
  "two-replies": ({ request: { socket }, body }: Exchange) => {
    const reply = (text: string): string => `${OK}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
    socket.write(reply(body) + reply(body.replaceAll("hello", "a lie,")));
  },
  "other-case": changed((text) => text.replaceAll('"model":"m"', '"model":"M"')),
  "usage-nan": changed((text) => text.replace(/"(prompt_tokens|prompt_eval_count)":3/, '"$1":NaN')),
  "usage-lies": changed((text) =>
    text
      .replace(/"(prompt_tokens|prompt_eval_count)":3/, '"$1":-3')
      .replace(/"(completion_tokens|eval_count)":2/, '"$1":1e300')
      .replace('"cached_tokens":1', '"cached_tokens":"many"'),
  ),
  "usage-huge": changed((text) =>
    text.replace(/"(completion_tokens|eval_count)":2/, '"$1":9007199254740991'),
  ),
  "done-twice": changed((text) => `${text}data: [DONE]\n\ndata: {"error":"late"}\n\n`),
  "comment-flood": flood(`${OK}\r\n`, `: ${"keep-alive".repeat(100)}\n`),
  "blank-flood": flood(`${OK}\r\n`, "\n".repeat(64 * 1024)),
  "one-line": flood(`${OK}\r\n`, `data: ${"x".repeat(64 * 1024)}`),
  "event-flood": flood(`${OK}\r\n`, 'data: {"model":"m","choices":[]}\n'.repeat(500)),
  "deep-json": changed(() => `{"choices":${"[".repeat(2 * MB)}`),
  silence: ({ response }: Exchange) => response.writeHead(200, JSON_TYPE).flushHeaders(),
} satisfies Record<string, (exchange: Exchange) => void>;
