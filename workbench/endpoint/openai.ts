import OpenAI from "openai";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { linesOf, parseReply, textOf, withDeadline } from "./call.ts";
import type { Clocked } from "./call.ts";
import type { ChatClient, ChatOptions, ChatReply, ChatRequest } from "./client.ts";
import { EndpointError } from "./error.ts";
import { OpenAiParts, readCompletion } from "./openai-reply.ts";
import type { Transport } from "./transport.ts";

/** Chats with an OpenAI-compatible endpoint through the `openai` client, bound to our own transport. */
export function openAiClient(transport: Transport, effects: Effects = realEffects): ChatClient {
  const { origin } = transport;
  const client = new OpenAI({
    baseURL: `${origin}${transport.path}`,
    // The transport sends the key, to its own origin only; nothing is taken from the environment.
    apiKey: "unused",
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: 24 * 3600 * 1000,
    fetch: transport.fetch,
    logLevel: "off",
  });
  const chat = async (request: ChatRequest, options: ChatOptions, clocked: Clocked): Promise<ChatReply> => {
    const stream = options.stream ?? false;
    const response = await client.chat.completions
      .create(
        {
          ...bodyOf(request),
          stream,
          ...(stream ? { stream_options: { include_usage: true } } : {}),
        } as OpenAI.ChatCompletionCreateParamsNonStreaming,
        {
          signal: clocked.signal,
          ...(options.idempotencyKey === undefined
            ? {}
            : { headers: { "idempotency-key": options.idempotencyKey } }),
        },
      )
      .asResponse();
    const body = transport.bodyOf(response);
    if (stream) return readStream(body, { origin, clocked });
    const reply = parseReply(await textOf(body), origin);
    return { ...readCompletion(reply, origin), latencyMs: clocked.elapsedMs(), ttftMs: null, raw: reply };
  };
  return {
    origin,
    chat: (request, options = {}) =>
      withDeadline({ origin, options }, (clocked) => chat(request, options, clocked), effects),
    models: (options = {}) =>
      withDeadline(
        { origin, options },
        async ({ signal }) => {
          const response = await client.models.list({ signal }).asResponse();
          const { data } = parseReply(await textOf(transport.bodyOf(response)), origin);
          if (!Array.isArray(data))
            throw new EndpointError({ kind: "bad-reply", origin, what: "the list of models has no data" });
          return (data as unknown[]).map((model) => String((model as { id?: unknown } | null)?.id));
        },
        effects,
      ),
    close: transport.close,
  };
}

function bodyOf(request: ChatRequest): Record<string, unknown> {
  return {
    model: request.model,
    messages: request.messages.map(({ role, content, toolCalls, toolCallId }) => ({
      role,
      content,
      ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
      ...(toolCalls === undefined || toolCalls.length === 0
        ? {}
        : {
            tool_calls: toolCalls.map((call) => ({
              id: call.id ?? "",
              type: "function",
              function: { name: call.name, arguments: call.argumentsText },
            })),
          }),
    })),
    ...given("temperature", request.temperature),
    ...given("top_p", request.topP),
    ...given("max_tokens", request.maxTokens),
    ...given("stop", request.stop),
    ...given("seed", request.seed),
    ...given(
      "tools",
      request.tools?.map((tool) => ({ type: "function", function: tool })),
    ),
    ...(request.json === true ? { response_format: { type: "json_object" } } : {}),
  };
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

interface Reading {
  readonly origin: string;
  readonly clocked: Clocked;
}

/** Server-sent events, put together; a stream that ends without its end is an error, not a reply. */
async function readStream(body: AsyncIterable<Uint8Array>, { origin, clocked }: Reading): Promise<ChatReply> {
  const parts = new OpenAiParts(origin);
  const events: unknown[] = [];
  let ttftMs: number | null = null;
  let done = false;
  for await (const line of linesOf(body)) {
    if (!line.startsWith("data:")) continue;
    const data = line.slice(5).trim();
    if (data === "[DONE]") {
      done = true;
      break;
    }
    const event = parseReply(data, origin);
    events.push(event);
    if (parts.add(event)) ttftMs ??= clocked.elapsedMs();
  }
  return { ...parts.reply(done), latencyMs: clocked.elapsedMs(), ttftMs, raw: events };
}
