import type { Effects } from "../store/effects.ts";
import { linesOf, parseReply, textOf, withDeadline, type Clocked } from "./call.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest } from "./client.ts";
import type { Json } from "./json.ts";
import type { Transport } from "./transport.ts";

/** What a reply says, before it is known how long it took. */
export type Content = Omit<ChatReply, "latencyMs" | "ttftMs" | "raw">;

/** How one kind of endpoint is spoken to. All that is the same for every kind is `chatClient`. */
export interface Protocol {
  readonly chatPath: string;
  readonly modelsPath: string;
  readonly bodyOf: (request: ChatRequest, stream: boolean) => object;
  /** A whole reply. Throws `bad-reply` for anything less. */
  readonly readWhole: (reply: Json, origin: string) => Content;
  /** Puts one streamed reply together. */
  readonly startParts: (origin: string) => Parts;
  /** Names out of the reply of `modelsPath`; null where it is no such list. */
  readonly modelsOf: (reply: Json) => readonly string[] | null;
}

export interface Parts {
  /** Takes a line of the body; what it is not made of is passed over. */
  readonly take: (line: string) => "content" | "end" | "other";
  /** The reply, if the stream was at its end. @throws `bad-reply` where it broke off. */
  readonly reply: () => Content;
  readonly events: readonly unknown[];
}

/** How long a stream may stay open behind its end: read to its last byte, the socket serves the next call. */
const LINGER_MS = 250;

/** Chats with an endpoint of one kind. One attempt a call, and no key or header but the transport's. */
export function chatClient(transport: Transport, protocol: Protocol, effects: Effects): ChatClient {
  const { origin } = transport;
  const chat = async (request: ChatRequest, options: ChatOptions, clocked: Clocked): Promise<ChatReply> => {
    const stream = options.stream ?? false;
    const body = await transport.send({
      method: "POST",
      path: protocol.chatPath,
      json: protocol.bodyOf(request, stream),
      idempotencyKey: options.idempotencyKey,
      signal: clocked.signal,
    });
    if (stream) return readStream(body, protocol.startParts(origin), clocked);
    const raw = parseReply(await textOf(body), origin);
    return { ...protocol.readWhole(raw, origin), latencyMs: clocked.elapsedMs(), ttftMs: null, raw };
  };
  const models = async ({ signal }: Clocked): Promise<readonly string[]> => {
    const body = await transport.send({ method: "GET", path: protocol.modelsPath, signal });
    const names = protocol.modelsOf(parseReply(await textOf(body), origin));
    if (names) return names;
    throw transport.badReply("the list of models is none");
  };
  return {
    origin,
    chat: (request, options = {}) =>
      withDeadline({ origin, options }, (clocked) => chat(request, options, clocked), effects),
    models: (options = {}) => withDeadline({ origin, options }, models, effects),
    close: transport.close,
  };
}

async function readStream(
  body: AsyncIterable<Uint8Array>,
  parts: Parts,
  clocked: Clocked,
): Promise<ChatReply> {
  let [ttftMs, endedMs]: [number | null, number | null] = [null, null];
  try {
    for await (const line of linesOf(body)) {
      if (endedMs !== null) continue;
      const what = parts.take(line);
      if (what === "content") ttftMs ??= clocked.elapsedMs();
      if (what !== "end") continue;
      endedMs = clocked.elapsedMs();
      clocked.endWithin(LINGER_MS);
    }
  } catch (thrown) {
    // The reply was whole before the connection broke.
    if (endedMs === null) throw thrown;
  }
  return { ...parts.reply(), latencyMs: endedMs ?? clocked.elapsedMs(), ttftMs, raw: parts.events };
}
