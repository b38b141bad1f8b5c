import type { ChatReply, ChatUsage, ToolCall } from "./client.ts";
import { EndpointError } from "./error.ts";

type Json = Readonly<Record<string, unknown>>;
type Content = Omit<ChatReply, "latencyMs" | "ttftMs" | "raw">;

/** A whole `chat.completion`. Throws `bad-reply` for anything less. */
export function readCompletion(reply: Json, origin: string): Content {
  refuseError(reply, origin);
  const choice = objectAt(reply["choices"], 0);
  const message = choice && record(choice["message"]);
  if (!choice || !message)
    throw new EndpointError({ kind: "bad-reply", origin, what: "the reply holds no choice" });
  const calls = listOf(message["tool_calls"]).map((call) => toolCall(record(call), origin));
  const text = textOr(message["content"], null);
  if (text === null && calls.length === 0 && textOr(message["refusal"], null) === null)
    throw new EndpointError({
      kind: "bad-reply",
      origin,
      what: "the reply holds neither text nor a tool call",
    });
  return {
    text: text ?? textOr(message["refusal"], null) ?? "",
    toolCalls: calls,
    finishReason: textOr(choice["finish_reason"], null),
    usage: usageOf(record(reply["usage"])),
    servedModel: textOr(reply["model"], null),
    fingerprint: textOr(reply["system_fingerprint"], null),
  };
}

/** Gathers the events of a streamed completion. */
export class OpenAiParts {
  readonly origin: string;
  text = "";
  finishReason: string | null = null;
  usage: ChatUsage = usageOf(null);
  servedModel: string | null = null;
  fingerprint: string | null = null;
  readonly calls = new Map<number, { id: string | null; name: string; argumentsText: string }>();

  constructor(origin: string) {
    this.origin = origin;
  }

  /** True when the event brought content. */
  add(event: Json): boolean {
    refuseError(event, this.origin);
    this.servedModel ??= textOr(event["model"], null);
    this.fingerprint ??= textOr(event["system_fingerprint"], null);
    const usage = record(event["usage"]);
    if (usage) this.usage = usageOf(usage);
    const choice = objectAt(event["choices"], 0);
    if (!choice) return false;
    this.finishReason = textOr(choice["finish_reason"], this.finishReason);
    const delta = record(choice["delta"]);
    const piece = textOr(delta?.["content"], "") ?? "";
    this.text += piece;
    const calls = listOf(delta?.["tool_calls"]);
    for (const call of calls) this.addCall(record(call) ?? {});
    return piece !== "" || calls.length > 0;
  }

  addCall(part: Json): void {
    const index = typeof part["index"] === "number" ? part["index"] : 0;
    const called = record(part["function"]) ?? {};
    const call = this.calls.get(index) ?? { id: null, name: "", argumentsText: "" };
    call.id ??= textOr(part["id"], null);
    call.name += textOr(called["name"], "") ?? "";
    call.argumentsText += textOr(called["arguments"], "") ?? "";
    this.calls.set(index, call);
  }

  /** The reply, if the stream said that it was at its end. */
  reply(done: boolean): Content {
    if (!done && this.finishReason === null)
      throw new EndpointError({
        kind: "bad-reply",
        origin: this.origin,
        what: "the stream ended before the reply did",
      });
    if (this.finishReason === null && this.text === "" && this.calls.size === 0)
      throw new EndpointError({ kind: "bad-reply", origin: this.origin, what: "the stream held no choice" });
    const { text, finishReason, usage, servedModel, fingerprint } = this;
    return { text, toolCalls: [...this.calls.values()], finishReason, usage, servedModel, fingerprint };
  }
}

/** Some gateways say 200 and put the error into the body. */
function refuseError(reply: Json, origin: string): void {
  const error = reply["error"];
  if (error === undefined || error === null) return;
  const said =
    typeof error === "string" ? error : textOr(record(error)?.["message"], "an error without words");
  throw new EndpointError({
    kind: "unavailable",
    origin,
    what: `it answered with an error: ${(said ?? "").slice(0, 300)}`,
  });
}

function usageOf(usage: Json | null): ChatUsage {
  return {
    inputTokens: countOr(usage?.["prompt_tokens"]),
    cachedTokens: countOr(record(usage?.["prompt_tokens_details"])?.["cached_tokens"]),
    outputTokens: countOr(usage?.["completion_tokens"]),
  };
}

function toolCall(call: Json | null, origin: string): ToolCall {
  const called = record(call?.["function"]);
  const name = textOr(called?.["name"], null);
  if (name === null) throw new EndpointError({ kind: "bad-reply", origin, what: "a tool call has no name" });
  return { id: textOr(call?.["id"], null), name, argumentsText: textOr(called?.["arguments"], "") ?? "" };
}

export function countOr(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

export function textOr(value: unknown, otherwise: string | null): string | null {
  return typeof value === "string" ? value : otherwise;
}

export function record(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function objectAt(value: unknown, index: number): Json | null {
  return record(listOf(value)[index]);
}
