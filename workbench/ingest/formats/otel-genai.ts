import type { JsonRecord } from "../parse.ts";
import { contentOf, roleOf } from "./message.ts";
import type { MessageDraft } from "./message.ts";
import type { FeedbackDraft, InteractionDraft, Note } from "./format.ts";
import { idOf, jsonOf, listOf, lookUp, numberOf, recordOf, textOf } from "./format.ts";

/** A span or event, whatever encoding it came in. */
export interface Telemetry {
  readonly attributes: JsonRecord;
  readonly resource: JsonRecord;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly parentId: string | null;
  readonly start: unknown;
  readonly end: unknown;
  readonly error: string | null;
}

const KINDS: Readonly<Record<string, string>> = {
  chat: "llm",
  text_completion: "llm",
  generate_content: "llm",
  execute_tool: "tool",
  embeddings: "retriever",
  retrieval: "retriever",
  invoke_agent: "agent",
  create_agent: "agent",
};

/** Attributes that a column takes; the others are kept in `extra`. */
const TAKEN = new Set(
  (
    "gen_ai.provider.name gen_ai.system gen_ai.conversation.id gen_ai.agent.name gen_ai.request.model " +
    "gen_ai.response.id gen_ai.response.model gen_ai.usage.input_tokens gen_ai.usage.output_tokens " +
    "gen_ai.usage.prompt_tokens gen_ai.usage.completion_tokens gen_ai.usage.cache_read.input_tokens gen_ai.usage.reasoning.output_tokens " +
    "gen_ai.response.time_to_first_chunk gen_ai.system_instructions gen_ai.tool.definitions gen_ai.input.messages gen_ai.output.messages " +
    "gen_ai.tool.name gen_ai.tool.call.arguments gen_ai.tool.call.result enduser.id user.id error.type"
  ).split(" "),
);

/**
 * OpenTelemetry's GenAI conventions (status: development, so old attribute names are read too).
 * Content is JSON text on spans and structured on events: both are taken.
 */
export function genAiInteraction(telemetry: Telemetry, note: Note): InteractionDraft {
  const { attributes, resource } = telemetry;
  const get = (...names: readonly string[]): unknown =>
    names.map((name) => attributes[name]).find((value) => value !== undefined) ?? null;
  const firstChunk = numberOf(get("gen_ai.response.time_to_first_chunk"));
  const operation = textOf(get("gen_ai.operation.name"));
  const tool = textOf(get("gen_ai.tool.name"));
  const outputs = jsonOf(get("gen_ai.output.messages"), "gen_ai.output.messages", note);
  return {
    source_id: textOf(get("gen_ai.response.id")) ?? telemetry.spanId,
    kind: lookUp(KINDS, operation ?? "chat") ?? "chain",
    trace_id: telemetry.traceId,
    parent_id: telemetry.parentId,
    conversation_id: idOf(get("gen_ai.conversation.id")),
    agent: textOf(get("gen_ai.agent.name")) ?? textOf(resource["service.name"]),
    user_key: idOf(get("enduser.id", "user.id")),
    started_at: telemetry.start,
    ended_at: telemetry.end,
    provider: textOf(get("gen_ai.provider.name", "gen_ai.system")),
    model_requested: textOf(get("gen_ai.request.model")),
    model_served: textOf(get("gen_ai.response.model")),
    params: requestParams(attributes),
    system: instructionsOf(jsonOf(get("gen_ai.system_instructions"), "gen_ai.system_instructions", note)),
    tools: jsonOf(get("gen_ai.tool.definitions"), "gen_ai.tool.definitions", note),
    messages: genAiMessages(jsonOf(get("gen_ai.input.messages"), "gen_ai.input.messages", note), note),
    output: genAiMessages(outputs, note, "assistant"),
    reasoning: reasoningOf(outputs),
    tools_used:
      tool === null
        ? []
        : [
            {
              name: tool,
              arguments: jsonOf(get("gen_ai.tool.call.arguments"), "arguments", note),
              result: get("gen_ai.tool.call.result"),
              success: telemetry.error === null,
            },
          ],
    status: telemetry.error === null ? "ok" : "error",
    error: telemetry.error === null ? null : { code: idOf(get("error.type")), message: telemetry.error },
    input_tokens: get("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    output_tokens: get("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    cached_tokens: get("gen_ai.usage.cache_read.input_tokens"),
    reasoning_tokens: get("gen_ai.usage.reasoning.output_tokens"),
    ttft_ms: firstChunk === null ? null : firstChunk * 1000,
    extra: restOf(telemetry),
  };
}

const IN_FEEDBACK = new Set([
  "gen_ai.evaluation.name",
  "gen_ai.evaluation.score.value",
  "gen_ai.evaluation.explanation",
  "gen_ai.response.id",
  "gen_ai.conversation.id",
]);

/** The event `gen_ai.evaluation.result` is feedback about the response or span it names. */
export function genAiFeedback(
  { attributes, traceId, spanId, end }: Telemetry,
  format: string,
): FeedbackDraft {
  const score = numberOf(attributes["gen_ai.evaluation.score.value"]);
  const inRange = score !== null && score >= -1 && score <= 1;
  const sourceId = textOf(attributes["gen_ai.response.id"]) ?? spanId;
  return {
    target: {
      interaction_id: null,
      format,
      source_id: sourceId,
      trace_id: traceId,
      conversation_id: textOf(attributes["gen_ai.conversation.id"]),
    },
    kind: "score",
    raw: score,
    value: inRange ? score : null,
    reason: inRange ? "numeric score as it is" : null,
    label: textOf(attributes["gen_ai.evaluation.name"]),
    comment: textOf(attributes["gen_ai.evaluation.explanation"]),
    extra: Object.fromEntries([
      ["span_id", spanId],
      ...Object.entries(attributes).filter(([name]) => !IN_FEEDBACK.has(name)),
    ]),
    occurred_at: end,
    explicit: false,
  };
}

function requestParams(attributes: JsonRecord): Readonly<Record<string, unknown>> | null {
  const found = Object.entries(attributes)
    .filter(([name]) => name.startsWith("gen_ai.request.") && name !== "gen_ai.request.model")
    .map(([name, value]) => [name.slice("gen_ai.request.".length), value] as const);
  return found.length === 0 ? null : Object.fromEntries(found);
}

function restOf({ attributes, resource, spanId }: Telemetry): Readonly<Record<string, unknown>> {
  const rest = Object.entries(attributes).filter(
    ([name]) => !TAKEN.has(name) && !name.startsWith("gen_ai.request."),
  );
  const ofResource = Object.entries(resource)
    .filter(([name]) => name !== "service.name" || attributes["gen_ai.agent.name"] !== undefined)
    .map(([name, value]) => [`resource.${name}`, value] as const);
  // The id that child spans name as their parent.
  return Object.fromEntries([["span_id", spanId], ...rest, ...ofResource]);
}

function instructionsOf(value: unknown): string | null {
  if (typeof value === "string") return textOf(value);
  const texts = listOf(value)
    .map((part) => textOf(recordOf(part)["content"]))
    .filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join("\n");
}

/**
 * Messages of `role` and `parts`; a tool's answer may be named `response` or `result`. A message with the answers of
 * several tools becomes one message each, as every other format has them.
 */
export function genAiMessages(value: unknown, note: Note, role?: "assistant"): MessageDraft[] {
  return listOf(value).flatMap((item) => {
    const message = recordOf(item);
    const parts = listOf(message["parts"]).map(recordOf);
    const answers = parts.filter(({ type }) => type === "tool_call_response");
    if (answers.length < 2) return [genAiMessage(message, parts, { note, role })];
    const rest = parts.filter((part) => !answers.includes(part));
    return [
      ...(rest.length > 0 ? [genAiMessage(message, rest, { note, role })] : []),
      ...answers.map((answer) => genAiMessage(message, [answer], { note, role })),
    ];
  });
}

function genAiMessage(
  message: JsonRecord,
  parts: readonly JsonRecord[],
  { note, role }: { readonly note: Note; readonly role: "assistant" | undefined },
): MessageDraft {
  const answer = parts.find(({ type }) => type === "tool_call_response");
  const given = answer && (answer["response"] ?? answer["result"]);
  const texts = contentOf(
    parts.filter(({ type }) => type === "text"),
    note,
  ).content;
  const own = contentOf(message["content"], note).content;
  const other = parts.filter(
    ({ type }) => type !== "text" && type !== "tool_call" && type !== "tool_call_response",
  );
  if (other.length > 0) note("parts[].type", "a part that is neither text nor tool call, kept in parts");
  const isBoth = texts !== null && answer !== undefined;
  return {
    role: roleOf(message["role"] ?? role),
    content:
      texts ??
      own ??
      (given === undefined ? null : typeof given === "string" ? given : JSON.stringify(given)),
    parts: other.length > 0 || isBoth ? parts : null,
    name: textOf(message["name"]),
    tool_calls: parts
      .filter(({ type }) => type === "tool_call")
      .map(({ id, name, arguments: given }) => ({
        id: textOf(id),
        name,
        arguments: jsonOf(given, "arguments", note),
      })),
    tool_call_id: textOf(answer?.["id"]),
    ...(role ? { finish_reason: textOf(message["finish_reason"]) } : {}),
  };
}

/** What the model thought before it answered: the parts of type `reasoning`. */
function reasoningOf(messages: unknown): string | null {
  const texts = listOf(messages)
    .flatMap((message) => listOf(recordOf(message)["parts"]))
    .map(recordOf)
    .filter(({ type }) => type === "reasoning")
    .map(({ content }) => textOf(content))
    .filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join("\n");
}

export const isGenAi = (attributes: JsonRecord): boolean =>
  Object.keys(attributes).some((name) => name.startsWith("gen_ai."));
