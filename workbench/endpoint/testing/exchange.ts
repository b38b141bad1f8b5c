import type { IncomingMessage, ServerResponse } from "node:http";

/** One request to a server that fails, and the good reply that it could give. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly elsewhere: string;
  /** A good reply, whole. */
  readonly whole: string;
  /** The same reply as a stream. */
  readonly events: readonly string[];
  readonly streamed: boolean;
  /** The good reply as it was asked for. */
  readonly body: string;
}
