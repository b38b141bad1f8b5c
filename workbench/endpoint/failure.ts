import { printable } from "../errors/printable.ts";
import { EndpointError } from "./error.ts";
import type { EndpointErrorKind } from "./error.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An HTTP status as the kind of failure it is. */
export function fromStatus(reply: {
  readonly origin: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}): EndpointError {
  const said = wordsOf(reply.text);
  return new EndpointError({
    kind: kindOf(reply.status),
    origin: reply.origin,
    status: reply.status,
    what: `HTTP ${reply.status}${said === "" ? "" : `: ${said}`}`,
    retryAfterMs: retryAfterMs(reply.headers),
  });
}

function kindOf(status: number): EndpointErrorKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 404) return "unknown-model";
  if (status === 408) return "timeout";
  if (status === 429) return "rate-limited";
  // 425 (too early) says: the same again, later.
  return status >= 500 || status === 425 ? "unavailable" : "refused";
}

/**
 * How long the endpoint asks us to wait, in milliseconds; null when it does not say, or says nonsense.
 * A date is counted from the endpoint's own `date` header: our clock may differ from its.
 *
 * Worked value: `retry-after: 2` is 2 000.
 */
export function retryAfterMs(headers: Headers): number | null {
  const exact = Number(one(headers["retry-after-ms"]) ?? NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = one(headers["retry-after"]);
  if (text === null) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const wait = Date.parse(text) - Date.parse(one(headers["date"]) ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}

function one(value: string | string[] | undefined): string | null {
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined || text.trim() === "" ? null : text.trim();
}

/** What the reply says, from the shapes endpoints use; hostile text, so printable and short. */
function wordsOf(text: string): string {
  let said: unknown = text;
  try {
    const body = JSON.parse(text) as { error?: unknown; message?: unknown; detail?: unknown } | null;
    const error = body?.error;
    said =
      (typeof error === "object" && error !== null ? (error as { message?: unknown }).message : error) ??
      body?.message ??
      body?.detail;
  } catch {
    // Not JSON: the text itself.
  }
  return typeof said === "string" ? printable(said).replace(/\s+/g, " ").trim().slice(0, 300) : "";
}

const TIMEOUTS = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);
const BROKEN = new Set([
  "UND_ERR_HEADERS_OVERFLOW",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_RESPONSE_STATUS_CODE",
  "ERR_ENCODING_INVALID_ENCODED_DATA",
]);

/** Anything thrown while dialling or reading, as the kind of failure it is. EndpointErrors stay. */
export function fromThrown(origin: string, thrown: unknown): EndpointError {
  if (thrown instanceof EndpointError) return thrown;
  const { code, message, cause } = thrown as { code?: unknown; message?: unknown; cause?: unknown };
  if (cause instanceof EndpointError) return cause;
  const name = typeof code === "string" ? code : "";
  const what = typeof message === "string" ? printable(message) : "the call failed";
  const kind: EndpointErrorKind = TIMEOUTS.has(name)
    ? "timeout"
    : name === "WB_ADDRESS_REFUSED"
      ? "refused"
      : BROKEN.has(name) || name.startsWith("HPE_") || thrown instanceof SyntaxError
        ? "bad-reply"
        : "unavailable";
  return new EndpointError({ kind, origin, what: name === "" ? what : `${what} (${name})`, cause: thrown });
}
