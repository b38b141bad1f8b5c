import { EndpointError } from "./error.ts";

/** Strict: bytes that are no UTF-8 throw. Without `stream` it keeps nothing between two texts. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** All of a body as text. @throws where its bytes are no UTF-8. */
export function textOf(chunks: readonly Uint8Array[]): string {
  return UTF8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
}

/** JSON of a reply, or the error that says it is half. */
export function parseReply(text: string, origin: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EndpointError({ kind: "bad-reply", origin, what: "the reply is not whole JSON", cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new EndpointError({ kind: "bad-reply", origin, what: "the reply is no JSON object" });
}

/** Cuts a body into lines without their ends, as strict as `textOf`; a last line without an end counts too. */
export class Lines {
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private readonly visit: (line: string) => void;
  private rest = "";

  constructor(visit: (line: string) => void) {
    this.visit = visit;
  }

  take(chunk: Uint8Array): void {
    const text = this.decoder.decode(chunk, { stream: true });
    let start = 0;
    // Only what is new is looked through: a line of many pieces costs what it weighs.
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const line = this.rest + text.slice(start, end);
      [this.rest, start] = ["", end + 1];
      this.visit(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    this.rest += text.slice(start);
  }

  end(): void {
    const line = this.rest + this.decoder.decode();
    this.rest = "";
    if (line !== "") this.visit(line);
  }
}
