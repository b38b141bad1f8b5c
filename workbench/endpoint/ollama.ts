import { ReadableStream } from "node:stream/web";
import { Ollama } from "ollama";
import type { ChatRequest as OllamaRequest, ChatResponse } from "ollama";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { linesOf, parseReply, textOf, withDeadline } from "./call.ts";
import type { Clocked } from "./call.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest, ToolCall } from "./client.ts";
import { EndpointError } from "./error.ts";
import { countOr, listOf, record, textOr } from "./openai-reply.ts";
import type { Transport } from "./transport.ts";

/** Ollama cuts a prompt that is longer than its context without a word, so the size is always sent. */
const DEFAULT_CONTEXT_TOKENS = 4096;

/** Chats with an Ollama endpoint through the `ollama` client, bound to our own transport. */
export function ollamaClient(transport: Transport, effects: Effects = realEffects): ChatClient {
  const { origin } = transport;
  const connected = (clocked: Clocked, options: ChatOptions): Ollama =>
    new Ollama({ host: `${origin}${transport.path}`, fetch: boundFetch(transport, { clocked, options }) });
  const chat = async (request: ChatRequest, options: ChatOptions, clocked: Clocked): Promise<ChatReply> => {
    const client = connected(clocked, options);
    const body = bodyOf(request);
    if (options.stream !== true) {
      const reply = await client.chat({ ...body, stream: false });
      return readReply([reply], { origin, clocked, ttftMs: null });
    }
    const events: ChatResponse[] = [];
    let ttftMs: number | null = null;
    for await (const event of await client.chat({ ...body, stream: true })) {
      events.push(event);
      if (textOr(record(record(event)?.["message"])?.["content"], "") !== "") ttftMs ??= clocked.elapsedMs();
    }
    return readReply(events, { origin, clocked, ttftMs });
  };
  return {
    origin,
    chat: (request, options = {}) =>
      withDeadline({ origin, options }, (clocked) => chat(request, options, clocked), effects),
    models: (options = {}) =>
      withDeadline(
        { origin, options },
        async (clocked) => {
          const { models } = await connected(clocked, options).list();
          if (!Array.isArray(models))
            throw new EndpointError({ kind: "bad-reply", origin, what: "the list of models is none" });
          return models.map(({ model, name }) => (model as string | undefined) ?? name);
        },
        effects,
      ),
    close: transport.close,
  };
}

function bodyOf(request: ChatRequest): OllamaRequest {
  const options = {
    num_ctx: request.contextTokens ?? DEFAULT_CONTEXT_TOKENS,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.maxTokens === undefined ? {} : { num_predict: request.maxTokens }),
    ...(request.stop === undefined ? {} : { stop: [...request.stop] }),
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  };
  return {
    model: request.model,
    messages: request.messages.map(({ role, content, toolCalls }) => ({
      role,
      content,
      ...(toolCalls === undefined || toolCalls.length === 0
        ? {}
        : {
            tool_calls: toolCalls.map((call) => ({
              function: { name: call.name, arguments: objectOf(call.argumentsText) },
            })),
          }),
    })),
    options,
    ...(request.json === true ? { format: "json" } : {}),
    ...(request.tools === undefined
      ? {}
      : {
          tools: request.tools.map((tool) => ({ type: "function", function: tool })) as NonNullable<
            OllamaRequest["tools"]
          >,
        }),
  };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return { ...record(JSON.parse(text)) };
  } catch {
    return {};
  }
}

interface Bound {
  readonly clocked: Clocked;
  readonly options: ChatOptions;
}

/** The client takes no signal and reads bodies itself: both are put in here. */
function boundFetch(transport: Transport, { clocked, options }: Bound): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey }),
    };
    const response = await transport.fetch(input, { ...init, headers, signal: clocked.signal });
    const body = transport.bodyOf(response);
    const streamed = typeof init.body === "string" && /"stream":true/.test(init.body);
    if (!streamed) return new Response(await textOf(body));
    return new Response(ReadableStream.from(checkedLines(body, transport.origin)) as unknown as BodyInit);
  };
}

/** The client skips a line that is no JSON with a remark on the console; here it ends the call, as a missing end does. */
async function* checkedLines(body: AsyncIterable<Uint8Array>, origin: string): AsyncGenerator<Uint8Array> {
  let ended = false;
  for await (const line of linesOf(body)) {
    if (line.trim() === "") continue;
    const event = parseReply(line, origin);
    ended = event["done"] === true || "error" in event;
    yield Buffer.from(`${line}\n`);
  }
  if (!ended)
    throw new EndpointError({ kind: "bad-reply", origin, what: "the reply ended before it was done" });
}

interface Reading {
  readonly origin: string;
  readonly clocked: Clocked;
  readonly ttftMs: number | null;
}

/** Puts the events together; only an event that says `done` makes them a reply. */
function readReply(events: readonly unknown[], { origin, clocked, ttftMs }: Reading): ChatReply {
  const last = record(events.at(-1));
  const messages = events.map((event) => record(record(event)?.["message"]));
  if (last?.["done"] !== true)
    throw new EndpointError({ kind: "bad-reply", origin, what: "the reply ended before it was done" });
  if (!messages.some((message) => typeof message?.["content"] === "string"))
    throw new EndpointError({ kind: "bad-reply", origin, what: "the reply holds no message" });
  return {
    text: messages.map((message) => textOr(message?.["content"], "") ?? "").join(""),
    toolCalls: messages.flatMap((message) => listOf(message?.["tool_calls"]).map(toolCall)),
    finishReason: textOr(last["done_reason"], null),
    usage: {
      inputTokens: countOr(last["prompt_eval_count"]),
      // Ollama does not say how much of the prompt came from its cache.
      cachedTokens: null,
      outputTokens: countOr(last["eval_count"]),
    },
    servedModel: textOr(last["model"], null),
    fingerprint: textOr(last["system_fingerprint"], null),
    latencyMs: clocked.elapsedMs(),
    ttftMs,
    raw: events.length === 1 ? last : events,
  };
}

function toolCall(call: unknown): ToolCall {
  const called = record(record(call)?.["function"]);
  return {
    id: null,
    name: textOr(called?.["name"], "") ?? "",
    argumentsText: JSON.stringify(called?.["arguments"] ?? {}),
  };
}
