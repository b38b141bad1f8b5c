import { z } from "zod";
import type { ChatMessage, ToolSpec } from "../endpoint/client.ts";
import type { Question } from "./engine.ts";
import { HttpError } from "./http.ts";

/** A chat as either protocol asks for it, read and checked. */
export interface ChatQuestion {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSpec[];
  readonly sampling: Question["sampling"];
  readonly stream: boolean;
  /** The parameters as they came, for the log. */
  readonly params: Readonly<Record<string, unknown>>;
}

const Tool = z.looseObject({
  function: z.looseObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.unknown().optional(),
  }),
});
const Text = z.union([
  z.string(),
  z.null().transform(() => ""),
  z
    .array(z.looseObject({ type: z.literal("text"), text: z.string() }))
    .transform((parts) => parts.map((part) => part.text).join("")),
]);
const Call = z.looseObject({
  id: z.string().nullish(),
  function: z.looseObject({ name: z.string(), arguments: z.unknown() }),
});
const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: Text.default(""),
  tool_calls: z.array(Call).nullish(),
  tool_call_id: z.string().nullish(),
});
const Messages = z.array(Message).min(1);
const Stop = z
  .union([z.string().transform((text) => [text]), z.array(z.string()).max(16)])
  .nullish()
  .transform((stop) => stop ?? []);
const unit = z.number().min(0).max(1).nullish();

/** Parameters that would change the answer and that this server does not have: refused, never ignored. */
const off = z.union([z.literal(0), z.null()]).optional();

const OpenAiChat = z.looseObject({
  model: z.string(),
  messages: Messages,
  tools: z.array(Tool).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: unit,
  seed: z.number().int().nonnegative().nullish(),
  stop: Stop,
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  n: z.literal(1).nullish(),
  presence_penalty: off,
  frequency_penalty: off,
  response_format: z.looseObject({ type: z.literal("text") }).nullish(),
});

/** A body of `POST /v1/chat/completions`. OpenAI's defaults: temperature 1, top_p 1. */
export function readOpenAiChat(body: unknown): ChatQuestion & { readonly includeUsage: boolean } {
  const asked = parse(OpenAiChat, body);
  const { messages: _messages, tools: _tools, ...params } = asked;
  return {
    model: asked.model,
    messages: asked.messages.map(asMessage),
    tools: (asked.tools ?? []).map(asTool),
    stream: asked.stream ?? false,
    includeUsage: asked.stream_options?.include_usage ?? false,
    params,
    sampling: greedyLogprobs({
      maxTokens: asked.max_completion_tokens ?? asked.max_tokens ?? null,
      temperature: asked.temperature ?? 1,
      topP: asked.top_p ?? 1,
      topK: 0,
      minP: 0,
      seed: asked.seed ?? -1,
      stop: asked.stop,
      topLogprobs: asked.logprobs === true ? (asked.top_logprobs ?? 0) : null,
    }),
  };
}

const OllamaOptions = z.looseObject({
  temperature: z.number().min(0).max(2).nullish(),
  top_p: unit,
  top_k: z.number().int().nonnegative().nullish(),
  min_p: unit,
  seed: z.number().int().nullish(),
  /** -1: until the context is full. */
  num_predict: z.number().int().min(-2).nullish(),
  num_ctx: z.number().int().positive().nullish(),
  stop: Stop,
  repeat_penalty: z.union([z.literal(1), z.null()]).optional(),
  presence_penalty: off,
  frequency_penalty: off,
});
const OllamaBase = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  options: OllamaOptions.nullish(),
  format: z.literal("").nullish(),
});
const OllamaChat = OllamaBase.extend({ messages: Messages, tools: z.array(Tool).nullish() });
const OllamaGenerate = OllamaBase.extend({
  prompt: z.string().default(""),
  system: z.string().nullish(),
  raw: z.boolean().nullish(),
});

/** A body of `POST /api/chat`. Ollama's defaults: streamed, temperature 0.8, top_k 40, top_p 0.9. */
export function readOllamaChat(body: unknown): ChatQuestion & { readonly numCtx: number | null } {
  const asked = parse(OllamaChat, body);
  return {
    ...ollamaCommon(asked),
    messages: asked.messages.map(asMessage),
    tools: (asked.tools ?? []).map(asTool),
  };
}

/** A body of `POST /api/generate`; with `raw` the prompt is the model's own text, template included. */
export function readOllamaGenerate(
  body: unknown,
): ChatQuestion & { readonly numCtx: number | null; readonly raw: string | null } {
  const asked = parse(OllamaGenerate, body);
  const system: readonly ChatMessage[] = asked.system ? [{ role: "system", content: asked.system }] : [];
  return {
    ...ollamaCommon(asked),
    messages: [...system, { role: "user", content: asked.prompt }],
    tools: [],
    raw: asked.raw === true ? asked.prompt : null,
  };
}

function ollamaCommon(asked: z.infer<typeof OllamaBase>) {
  const options = asked.options ?? { stop: [] };
  const predict = options.num_predict ?? -1;
  return {
    model: asked.model,
    stream: asked.stream ?? true,
    numCtx: options.num_ctx ?? null,
    params: { ...options, stream: asked.stream ?? true },
    sampling: {
      maxTokens: predict > 0 ? predict : null,
      temperature: options.temperature ?? 0.8,
      topP: options.top_p ?? 0.9,
      topK: options.top_k ?? 40,
      minP: options.min_p ?? 0,
      seed: options.seed ?? -1,
      stop: options.stop,
      topLogprobs: null,
    },
  };
}

function greedyLogprobs(sampling: Question["sampling"]): Question["sampling"] {
  if (sampling.topLogprobs !== null && sampling.temperature > 0)
    throw new HttpError(400, "logprobs are given for temperature 0 only", "unsupported_parameter");
  return sampling;
}

function asMessage(message: z.infer<typeof Message>): ChatMessage {
  return {
    role: message.role === "developer" ? "system" : message.role,
    content: message.content,
    ...(message.tool_call_id == null ? {} : { toolCallId: message.tool_call_id }),
    ...(message.tool_calls == null
      ? {}
      : {
          toolCalls: message.tool_calls.map((call) => ({
            id: call.id ?? null,
            name: call.function.name,
            argumentsText:
              typeof call.function.arguments === "string"
                ? call.function.arguments
                : JSON.stringify(call.function.arguments ?? {}),
          })),
        }),
  };
}

function asTool({ function: spec }: z.infer<typeof Tool>): ToolSpec {
  return {
    name: spec.name,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.parameters === undefined ? {} : { parameters: spec.parameters }),
  };
}

export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new HttpError(
    400,
    `${issue?.path.join(".") || "body"}: ${issue?.message ?? "not understood"}`,
    "invalid_request_error",
  );
}
