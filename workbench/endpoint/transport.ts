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

/** A request to the endpoint; its path begins where the endpoint's URL ends. */
export interface Sent {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly json?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly signal: AbortSignal;
}

/** One endpoint's sockets, with every rule about what may leave and what may come back. */
export interface Transport {
  readonly origin: string;
  /**
   * The bytes of a good reply, capped; they can be read once. A reply that is not 2xx, is compressed,
   * redirects or is too large is thrown as EndpointError. No caller names a host: nothing can lead a
   * request, and the key with it, elsewhere.
   */
  readonly send: (request: Sent) => Promise<AsyncIterable<Uint8Array>>;
  readonly badReply: (what: string) => EndpointError;
  readonly close: () => Promise<void>;
}

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
  const always = {
    accept: "application/json",
    "accept-encoding": "identity",
    "user-agent": "workbench",
    ...(options.secret ? { authorization: `Bearer ${options.secret.revealFor(origin)}` } : {}),
  };

  const send = async (request: Sent): Promise<AsyncIterable<Uint8Array>> => {
    const { method, json, idempotencyKey, signal } = request;
    const headers = {
      ...always,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    };
    const body = json === undefined ? null : JSON.stringify(json);
    const reply = await pool
      .request({ path: path + request.path, method, headers, body, signal })
      .catch((thrown: unknown) => {
        throw fromThrown(origin, thrown);
      });
    refuseUnread(reply, { origin, maxReplyBytes });
    if (reply.statusCode < 200 || reply.statusCode > 299) throw await errorReply(reply, origin);
    return capped(reply.body, { origin, maxReplyBytes });
  };
  return {
    origin,
    send,
    badReply: (what) => new EndpointError({ kind: "bad-reply", origin, what }),
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
