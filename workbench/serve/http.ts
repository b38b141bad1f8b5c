import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sha256 } from "../schema/canonical.ts";

/** An answer other than 200, with the words the client is told. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, message: string, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Gate {
  /** The port listened on. */
  readonly port: number;
  /** The address bound; anything but loopback needs a token. */
  readonly host: string;
  readonly token: string | null;
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/**
 * Refuses what a browser page elsewhere could send: a Host that is not ours (DNS rebinding) and an
 * Origin that is not ours (cross-origin). Then the token, where one is set.
 */
export function admit(request: IncomingMessage, gate: Gate): void {
  const hosts = isLoopback(gate.host) ? ["127.0.0.1", "localhost", "[::1]"] : null;
  const host = request.headers.host ?? "";
  if (hosts && !hosts.some((name) => host === `${name}:${gate.port}`))
    throw new HttpError(403, "this Host is not served here", "forbidden_host");
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new HttpError(403, "requests from other origins are not served", "forbidden_origin");
  if (gate.token !== null && !sameText(request.headers.authorization ?? "", `Bearer ${gate.token}`))
    throw new HttpError(401, "a token is needed: Authorization: Bearer …", "invalid_api_key");
}

/** Compares digests, so that the time taken tells nothing of the token. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}

/** The body as JSON; more than `limit` bytes is refused without being read on. */
export async function readBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw new HttpError(415, "compressed bodies are not read", "unsupported_encoding");
  const tooLarge = new HttpError(413, `the body is larger than ${limit} bytes`, "body_too_large");
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new HttpError(400, "the body is not JSON", "invalid_json");
  }
}

/** A whole answer in one write, so that a reader sees all of it or none. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
}
