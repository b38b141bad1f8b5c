import type { Effects } from "../store/effects.ts";
import { Lines, parseReply, textOf } from "./body.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest } from "./client.ts";
import type { Reader } from "./exchange.ts";
import type { Json } from "./json.ts";
import type { Transport } from "./transport.ts";

/** What a reply says, before it is known how long it took. */
export type Content = Omit<ChatReply, "latencyMs" | "ttftMs">;

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
}

/** Chats with an endpoint of one kind. One attempt a call, and no key or header but the transport's. */
export function chatClient(transport: Transport, protocol: Protocol, effects: Effects): ChatClient {
  const { origin } = transport;
  const chat = (request: ChatRequest, options: ChatOptions = {}): Promise<ChatReply> => {
    const { stream = false, idempotencyKey, deadlineMs, signal } = options;
    const begunMs = effects.monotonicMs();
    const elapsedMs = (): number => effects.monotonicMs() - begunMs;
    const reader = stream
      ? streamReader(protocol.startParts(origin), elapsedMs)
      : wholeReader(origin, (raw) => ({
          ...protocol.readWhole(raw, origin),
          latencyMs: elapsedMs(),
          ttftMs: null,
        }));
    const json = protocol.bodyOf(request, stream);
    const sent = {
      method: "POST",
      path: protocol.chatPath,
      json,
      idempotencyKey,
      deadlineMs,
      signal,
    } as const;
    return transport.send(sent, reader);
  };
  const models = (options: Pick<ChatOptions, "signal" | "deadlineMs"> = {}): Promise<readonly string[]> => {
    const reader = wholeReader(origin, (raw) => {
      const names = protocol.modelsOf(raw);
      if (names) return names;
      throw transport.badReply("the list of models is none");
    });
    return transport.send({ method: "GET", path: protocol.modelsPath, ...options }, reader);
  };
  return { origin, chat, models, close: transport.close };
}

/** A reply that is one JSON object. */
function wholeReader<T>(origin: string, read: (raw: Json) => T): Reader<T> {
  const chunks: Uint8Array[] = [];
  return {
    take: (chunk) => void chunks.push(chunk),
    end: () => read(parseReply(textOf(chunks), origin)),
    isWhole: () => false,
  };
}

/** A reply in lines, which say themselves when it is whole. */
function streamReader(parts: Parts, elapsedMs: () => number): Reader<ChatReply> {
  let [ttftMs, endedMs]: [number | null, number | null] = [null, null];
  const lines = new Lines((line) => {
    if (endedMs !== null) return;
    const what = parts.take(line);
    if (what === "content") ttftMs ??= elapsedMs();
    if (what === "end") endedMs = elapsedMs();
  });
  return {
    take: (chunk) => {
      if (endedMs === null) lines.take(chunk);
    },
    end: () => {
      if (endedMs === null) lines.end();
      return { ...parts.reply(), latencyMs: endedMs ?? elapsedMs(), ttftMs };
    },
    isWhole: () => endedMs !== null,
  };
}
