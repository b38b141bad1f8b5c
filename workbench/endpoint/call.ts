import type { Effects } from "../store/effects.ts";
import type { ChatOptions } from "./client.ts";
import { EndpointError } from "./error.ts";
import { fromThrown } from "./failure.ts";

/** The clock and the abort signal of one call. */
export interface Clocked {
  readonly signal: AbortSignal;
  readonly elapsedMs: () => number;
  /** Brings the deadline nearer: what is still wanted is at most the end of a connection. */
  readonly endWithin: (ms: number) => void;
}

const DEFAULT_DEADLINE_MS = 120_000;

/**
 * Runs one call under its deadline. A reply that lay whole in the socket when the deadline came is taken,
 * not thrown away: it is paid for, and only we were too busy to read it. Whatever is thrown inside comes out as an EndpointError, but for
 * the caller's own abort, which comes out as its reason.
 */
export async function withDeadline<T>(
  { origin, options }: { readonly origin: string; readonly options: ChatOptions },
  work: (clocked: Clocked) => Promise<T>,
  effects: Effects,
): Promise<T> {
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  options.signal?.throwIfAborted();
  const controller = new AbortController();
  // Made only when it is late: an error gathers its stack.
  const giveUp = (): void => {
    const what = `no whole reply within ${deadlineMs} ms`;
    controller.abort(new EndpointError({ kind: "timeout", origin, what }));
  };
  let lastLook: NodeJS.Immediate | undefined;
  // Node runs timers before it reads sockets, and immediates after.
  const late = (): void => {
    lastLook = setImmediate(giveUp);
  };
  let timer = setTimeout(late, deadlineMs);
  const stop = (): void => {
    clearTimeout(timer);
    clearImmediate(lastLook);
  };
  const endWithin = (ms: number): void => {
    stop();
    timer = setTimeout(late, ms);
  };
  const onAbort = (): void => controller.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const start = effects.monotonicMs();
  try {
    const elapsedMs = (): number => effects.monotonicMs() - start;
    return await work({ signal: controller.signal, elapsedMs, endWithin });
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw fromThrown(origin, controller.signal.aborted ? controller.signal.reason : thrown);
  } finally {
    stop();
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** All of a body as text. Bytes that are no UTF-8 are thrown, and come out of `withDeadline` as a bad reply. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
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

/** Lines of a streamed body, as strict as `textOf`, without their line ends; a last line without one is given too. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
