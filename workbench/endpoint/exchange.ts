import type { Dispatcher } from "undici";
import { EndpointError, type EndpointErrorKind } from "./error.ts";
import { fromStatus, fromThrown } from "./failure.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What becomes of the bytes of a good reply. What it throws ends the call as a bad reply. */
export interface Reader<T> {
  readonly take: (chunk: Uint8Array) => void;
  /** The reply, once no more bytes come. */
  readonly end: () => T;
  /** Whether all of it is there although the connection is still open: what comes then is of no account. */
  readonly isWhole: () => boolean;
}

export interface ExchangeOptions {
  readonly origin: string;
  /** A larger reply is refused. */
  readonly maxReplyBytes: number;
  /** For the whole call, from dialling to the last byte. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const ERROR_BODY_BYTES = 64 * 1024;
/** Replies of 1xx before the one that counts; more is a flood. */
const MOST_INTERIM = 16;
/** How long a connection may stay open behind a whole reply: read to its last byte, it serves the next call. */
const LINGER_MS = 250;

/**
 * One request's reply, from the socket's events to a value: every rule about what may come back. It
 * settles once, whatever the endpoint sends; a good status with less than a whole body is never a reply.
 *
 * It takes the events as they come: a stream, its iterator and an abort controller were a fifth of a call's cost.
 */
export class Exchange<T> implements Dispatcher.DispatchHandler {
  /** Rejects with an EndpointError, or with the reason of the caller's own signal. */
  readonly reply: Promise<T>;
  private readonly resolve: (value: T) => void;
  private readonly reject: (reason: unknown) => void;
  private readonly reader: Reader<T>;
  private readonly options: ExchangeOptions;
  private controller: Dispatcher.DispatchController | null = null;
  private refusal: { readonly status: number; readonly headers: Headers; text: string } | null = null;
  private timer: NodeJS.Timeout;
  private lastLook: NodeJS.Immediate | undefined;
  private isSettled = false;
  private isLingering = false;
  private bytes = 0;
  private interim = 0;

  constructor(reader: Reader<T>, options: ExchangeOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    [this.reply, this.resolve, this.reject] = [promise, resolve, reject];
    [this.reader, this.options] = [reader, options];
    this.timer = setTimeout(this.late, options.deadlineMs);
    options.signal?.addEventListener("abort", this.onAbort, { once: true });
    if (options.signal?.aborted === true) this.onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isSettled) this.hangUp();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) {
      if (++this.interim > MOST_INTERIM)
        throw this.error("bad-reply", "it sends interim replies without end");
      return;
    }
    const { maxReplyBytes } = this.options;
    const encoding = headers["content-encoding"] ?? "identity";
    if (status >= 300 && status < 400)
      throw this.error(
        "refused",
        "it redirects elsewhere, and redirects are not followed: a key would travel with them",
        status,
      );
    if (status > 299) {
      this.refusal = { status, headers, text: "" };
      // What it says cannot be read; that it said no can.
      if (encoding !== "identity") this.fail(this.refusedOr(null));
      return;
    }
    if (encoding !== "identity")
      throw this.error("bad-reply", "the reply is compressed although identity was asked for", status);
    if (Number(headers["content-length"] ?? 0) > maxReplyBytes) throw this.tooLarge();
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.isSettled) return;
    this.bytes += chunk.byteLength;
    if (this.refusal) {
      this.refusal.text += Buffer.from(chunk).toString("utf8");
      if (this.bytes > ERROR_BODY_BYTES) this.fail(this.refusedOr(null));
      return;
    }
    if (this.bytes > this.options.maxReplyBytes) throw this.tooLarge();
    this.reader.take(chunk);
    if (this.isLingering || !this.reader.isWhole()) return;
    this.isLingering = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.late, LINGER_MS);
  }

  onResponseEnd(): void {
    if (this.refusal) this.fail(this.refusedOr(null));
    else this.succeed();
  }

  onResponseError(_: Dispatcher.DispatchController | null, thrown: unknown): void {
    if (this.isLingering) this.succeed();
    else this.fail(this.refusedOr(fromThrown(this.options.origin, thrown)));
  }

  /** The reply is handed over once its socket is free, so that the next questions leave by those there are. */
  private succeed(): void {
    if (!this.settle()) return;
    try {
      setImmediate(this.resolve, this.reader.end());
    } catch (thrown) {
      this.reject(fromThrown(this.options.origin, thrown));
    }
  }

  private fail(reason: unknown): void {
    if (!this.settle()) return;
    this.reject(reason);
    this.hangUp();
  }

  /** A status that says no goes before what cut its explanation short. */
  private refusedOr(error: EndpointError | null): EndpointError | null {
    return this.refusal ? fromStatus({ origin: this.options.origin, ...this.refusal }) : error;
  }

  /** True the first time. */
  private settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.timer);
    clearImmediate(this.lastLook);
    this.options.signal?.removeEventListener("abort", this.onAbort);
    return true;
  }

  /** Closes the connection of a call that has settled. */
  private hangUp(): void {
    this.controller?.abort(HUNG_UP);
  }

  /**
   * Node runs timers before it reads sockets, and immediates after. A reply that lay whole in the socket at
   * its deadline is taken, not thrown away: it is paid for, and only we were too busy to read it.
   */
  private readonly late = (): void => {
    this.lastLook = setImmediate(() => {
      const what = `no whole reply within ${this.options.deadlineMs} ms`;
      if (this.isLingering) this.succeed();
      else this.fail(this.refusedOr(this.error("timeout", what)));
      this.hangUp();
    });
  };

  private readonly onAbort = (): void => {
    this.fail(this.options.signal?.reason);
  };

  private tooLarge(): EndpointError {
    return this.error("bad-reply", `the reply is larger than ${this.options.maxReplyBytes} bytes`);
  }

  private error(kind: EndpointErrorKind, what: string, status: number | null = null): EndpointError {
    return new EndpointError({ kind, origin: this.options.origin, what, status });
  }
}

const HUNG_UP = new Error("the call has ended");
