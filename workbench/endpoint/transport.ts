import { Pool } from "undici";
import { endpointUrl, guardedLookup } from "./address.ts";
import { EndpointError } from "./error.ts";
import { Exchange, type Reader } from "./exchange.ts";
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
  /** For the whole call, from dialling to the last byte. Default 120 000. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One endpoint's sockets, with every rule about what may leave; what may come back, `Exchange` says. */
export interface Transport {
  readonly origin: string;
  /**
   * What the reader makes of a good reply. Anything else rejects with an EndpointError: not 2xx, compressed,
   * redirected, too large, too late, cut short. No caller names a host: nothing can lead a request, and the
   * key with it, elsewhere.
   */
  readonly send: <T>(request: Sent, reader: Reader<T>) => Promise<T>;
  readonly badReply: (what: string) => EndpointError;
  readonly close: () => Promise<void>;
}

const DEFAULT_DEADLINE_MS = 120_000;

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
  const always = [
    ...["accept", "application/json", "accept-encoding", "identity", "user-agent", "workbench"],
    ...(options.secret ? ["authorization", `Bearer ${options.secret.revealFor(origin)}`] : []),
  ];
  const posted = [...always, "content-type", "application/json"];

  const send = <T>(request: Sent, reader: Reader<T>): Promise<T> => {
    const { method, json, idempotencyKey, deadlineMs = DEFAULT_DEADLINE_MS, signal } = request;
    const body = json === undefined ? null : JSON.stringify(json);
    const standing = json === undefined ? always : posted;
    const headers =
      idempotencyKey === undefined ? standing : [...standing, "idempotency-key", idempotencyKey];
    const exchange = new Exchange(reader, { origin, maxReplyBytes, deadlineMs, signal });
    pool.dispatch({ path: path + request.path, method, headers, body }, exchange);
    return exchange.reply;
  };
  return {
    origin,
    send,
    badReply: (what) => new EndpointError({ kind: "bad-reply", origin, what }),
    close: () => pool.destroy(),
  };
}
