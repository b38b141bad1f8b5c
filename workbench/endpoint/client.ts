/** A tool the model may call, in OpenAI's shape. */
export interface ToolSpec {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: unknown;
}

export interface ToolCall {
  readonly id: string | null;
  readonly name: string;
  /** The text as the model wrote it: hostile data until a schema has read it. */
  readonly argumentsText: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly toolCallId?: string;
}

/** One question to a model. What is absent is not sent, so the endpoint's own default holds. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** 0 is greedy: the answer is then a function of the model and this request. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly tools?: readonly ToolSpec[];
  /** Ask for a JSON object. */
  readonly json?: boolean;
  /** Ask for JSON of this JSON Schema; goes before `json`. What comes back is still only text. */
  readonly jsonSchema?: object;
  /** Tokens of prompt and answer together; only Ollama takes it per request (default 4 096). */
  readonly contextTokens?: number;
}

export interface ChatOptions {
  readonly signal?: AbortSignal;
  /** For the whole call, from dialling to the last byte. Default 120 000. */
  readonly deadlineMs?: number;
  /** Stream, so that `ttftMs` is measured. Default false. */
  readonly stream?: boolean;
  /** Sent as `Idempotency-Key` where the endpoint takes one: a repeat of a lost reply is then not paid twice. */
  readonly idempotencyKey?: string;
}

/** Token counts as the endpoint reports them; null where it does not, never 0. */
export interface ChatUsage {
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  /** US dollars, where whoever answered knows them: a client that asked several models adds them up. */
  readonly costUsd?: number | null;
}

/** Which of several models answered, for a client that may ask more than one. */
export interface Route {
  readonly by: "local" | "fallback";
  /** Why the first one's answer was not taken; null where it was. */
  readonly why: string | null;
}

/** A whole reply. A reply that broke off is an EndpointError, never a shorter ChatReply. */
export interface ChatReply {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `stop`, `length`, `tool_calls`, …; null when the endpoint gives none. */
  readonly finishReason: string | null;
  readonly usage: ChatUsage;
  /** The model that says it answered; null when the endpoint does not say. */
  readonly servedModel: string | null;
  readonly fingerprint: string | null;
  /** From the call to the last byte, on a clock that never steps. Our own server: its model's time is inside. */
  readonly latencyMs: number;
  /** From the call to the first piece of content; null unless streamed. */
  readonly ttftMs: number | null;
  readonly route?: Route;
}

/** Something that answers chats. It never retries: who calls decides what an attempt costs. */
export interface ChatClient {
  /** Throws EndpointError; an aborted `signal` rejects with the signal's reason. */
  readonly chat: (request: ChatRequest, options?: ChatOptions) => Promise<ChatReply>;
  /** The models the endpoint offers, by the names it knows them by. */
  readonly models: (options?: Pick<ChatOptions, "signal" | "deadlineMs">) => Promise<readonly string[]>;
  /** Where it dials: scheme, host and port, with no path and no key. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}
