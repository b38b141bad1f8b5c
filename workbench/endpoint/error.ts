import { quoted } from "../errors/printable.ts";
import { WorkbenchError } from "../errors/error.ts";

/** Why a call to a model gave no reply. */
export type EndpointErrorKind =
  | "rate-limited"
  | "unavailable"
  | "timeout"
  /** The endpoint understood and said no (4xx), or asked for what we never do (a redirect). */
  | "refused"
  /** It answered with something that is no whole reply: half JSON, no choices, too large, compressed. */
  | "bad-reply"
  | "unknown-model"
  | "auth";

export interface EndpointErrorParts {
  readonly kind: EndpointErrorKind;
  readonly origin: string;
  readonly what: string;
  /** HTTP status; null when no status line came. */
  readonly status?: number | null;
  /** From `retry-after-ms` or `retry-after`; null when the endpoint gave none. */
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<EndpointErrorKind> = new Set([
  "rate-limited",
  "unavailable",
  "timeout",
  "bad-reply",
]);

/** A call that gave no whole reply. Never scored as a wrong answer. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
  readonly kind: EndpointErrorKind;
  readonly origin: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(parts: EndpointErrorParts) {
    super(`${parts.origin}  ${parts.what}`, { cause: parts.cause });
    this.kind = parts.kind;
    this.origin = parts.origin;
    this.status = parts.status ?? null;
    this.retryAfterMs = parts.retryAfterMs ?? null;
    this.retryable = RETRYABLE.has(parts.kind);
  }
}

/** The error a user meets when an endpoint stays away: exit 5, or exit 2 where their file is at fault. */
export function endpointDown(error: EndpointError): WorkbenchError {
  const { code, fix } = ADVICE[error.kind];
  return new WorkbenchError({
    code,
    where: error.origin,
    what: error.message.slice(error.origin.length).trim(),
    ...(error.status === null
      ? {}
      : { why: `the endpoint answered with HTTP status ${quoted(error.status)}` }),
    fix,
    cause: error,
  });
}

const ADVICE: Readonly<
  Record<
    EndpointErrorKind,
    {
      readonly code: "WB_ENDPOINT_DOWN" | "WB_ENDPOINT_REPLY" | "WB_MODEL_UNKNOWN" | "WB_KEY_REFUSED";
      readonly fix: string;
    }
  >
> = {
  "rate-limited": { code: "WB_ENDPOINT_DOWN", fix: "wait, or lower the concurrency; what is done is kept" },
  unavailable: {
    code: "WB_ENDPOINT_DOWN",
    fix: "start the endpoint, or correct its url in workbench.config.yaml",
  },
  timeout: { code: "WB_ENDPOINT_DOWN", fix: "raise the deadline, or see why the endpoint is slow" },
  refused: { code: "WB_ENDPOINT_REPLY", fix: "see what the endpoint says about the request" },
  "bad-reply": {
    code: "WB_ENDPOINT_REPLY",
    fix: "check that the url is that of a chat endpoint of the kind the configuration names",
  },
  "unknown-model": {
    code: "WB_MODEL_UNKNOWN",
    fix: "list what it serves, and correct the model's name in workbench.config.yaml",
  },
  auth: { code: "WB_KEY_REFUSED", fix: "check the key in the variable that keyEnv names" },
};
