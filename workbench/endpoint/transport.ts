import { Pool } from "undici";
import type { Dispatcher } from "undici";
import { endpointUrl, guardedLookup } from "./address.ts";
import { EndpointError } from "./error.ts";
import { fromStatus, fromThrown } from "./failure.ts";
import type { Secret } from "./secret.ts";

export interface TransportOptions {
  readonly url: string;
  readonly secret: Secret | null;
  /** Sockets to the endpoint at the most; calls beyond wait for one. Default: as many as calls, which the caller bounds. */
  readonly connections?: number;
  /** From sending to the reply's headers. Default 60 000, never more than the call's deadline. */
  readonly firstByteMs?: number;
  /** Between two pieces of the body. Default 30 000. */
  readonly betweenChunksMs?: number;
  /** A larger reply is refused. Default 16 MB. */
  readonly maxReplyBytes?: number;
}

/** One endpoint's sockets, with every rule about what may leave and what may come back. */
export interface Transport {
  readonly origin: string;
  /** The URL's path without a final slash, for instance `/v1`. */
  readonly path: string;
  /**
   * The part of `fetch` that the client libraries use. A reply that is not 2xx, is compressed or is
   * too large is thrown as EndpointError; the body of a good one is read through `bodyOf`.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The bytes of a reply, capped. They can be read once. */
  readonly bodyOf: (response: Response) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Headers of the client libraries that travel; the rest (their telemetry, their keys) stays here. */
const SENT = new Set(["accept", "content-type", "idempotency-key"]);
const ERROR_BODY_BYTES = 64 * 1024;

export function openTransport(options: TransportOptions): Transport {
  const { origin, path, loopback } = endpointUrl(options.url);
  const maxReplyBytes = options.maxReplyBytes ?? 16 * 1024 * 1024;
  const pool = new Pool(origin, {
    connections: options.connections ?? null,
    // node:net hands undici's `lookup` to the socket: the addresses checked are the ones dialled.
    connect: { lookup: guardedLookup(loopback), timeout: 10_000 },
    headersTimeout: options.firstByteMs ?? 60_000,
    bodyTimeout: options.betweenChunksMs ?? 30_000,
    maxHeaderSize: 16_384,
    allowH2: false,
  });
  const bodies = new WeakMap<Response, AsyncIterable<Uint8Array>>();
  const authorization = options.secret ? { authorization: `Bearer ${options.secret.revealFor(origin)}` } : {};

  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin)
      throw new EndpointError({
        kind: "refused",
        origin,
        what: `a request to ${url.origin} is not this endpoint's to send`,
      });
    const reply = await pool
      .request({
        path: url.pathname + url.search,
        method: (init.method ?? "GET").toUpperCase(),
        headers: {
          ...allowed(init.headers),
          "accept-encoding": "identity",
          "user-agent": "workbench",
          ...authorization,
        },
        body: typeof init.body === "string" ? init.body : null,
        signal: init.signal ?? null,
      })
      .catch((thrown: unknown) => {
        throw fromThrown(origin, thrown);
      });
    refuseUnread(reply, { origin, maxReplyBytes });
    if (reply.statusCode < 200 || reply.statusCode > 299) throw await errorReply(reply, origin);
    const response = new Response(null, { status: reply.statusCode === 204 ? 204 : 200 });
    bodies.set(response, capped(reply.body, { origin, maxReplyBytes }));
    return response;
  };
  return {
    origin,
    path,
    fetch: send,
    bodyOf: (response) => {
      const body = bodies.get(response);
      bodies.delete(response);
      return body ?? nothing();
    },
    close: () => pool.destroy(),
  };
}

interface Limits {
  readonly origin: string;
  readonly maxReplyBytes: number;
}

/** Refused from the headers, the body unread: redirects, compression, a length beyond the cap. */
function refuseUnread(reply: Dispatcher.ResponseData, { origin, maxReplyBytes }: Limits): void {
  const encoding = reply.headers["content-encoding"];
  const refuse = (kind: "refused" | "bad-reply", what: string): never => {
    reply.body.on("error", () => undefined).destroy();
    throw new EndpointError({ kind, origin, what, status: reply.statusCode });
  };
  if (reply.statusCode >= 300 && reply.statusCode < 400)
    refuse("refused", "it redirects elsewhere, and redirects are not followed: a key would travel with them");
  if (encoding !== undefined && encoding !== "identity")
    refuse("bad-reply", "the reply is compressed although identity was asked for");
  if (Number(reply.headers["content-length"] ?? 0) > maxReplyBytes)
    refuse("bad-reply", `the reply is larger than ${maxReplyBytes} bytes`);
}

async function* capped(
  body: AsyncIterable<Uint8Array>,
  { origin, maxReplyBytes }: Limits,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > maxReplyBytes)
        throw new EndpointError({
          kind: "bad-reply",
          origin,
          what: `the reply is larger than ${maxReplyBytes} bytes`,
        });
      yield chunk;
    }
  } catch (thrown) {
    throw fromThrown(origin, thrown);
  }
}

async function errorReply(reply: Dispatcher.ResponseData, origin: string): Promise<EndpointError> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status is known; the rest of its explanation is lost.
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return fromStatus({ origin, status: reply.statusCode, headers: reply.headers, text });
}

function allowed(headers: RequestInit["headers"]): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, value] of headers instanceof Headers ? headers : Object.entries(headers ?? {}))
    if (SENT.has(name.toLowerCase()) && typeof value === "string") sent[name.toLowerCase()] = value;
  return sent;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A reply without a body.
}
