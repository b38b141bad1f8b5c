import { parseReply } from "./body.ts";
import type { Content, Parts } from "./chat-client.ts";
import type { ChatUsage, ToolCall } from "./client.ts";
import { EndpointError } from "./error.ts";
import { countOr, listOf, record, textOr, type Json } from "./json.ts";

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

/** Gathers the server-sent events of a streamed completion. */
export class OpenAiParts implements Parts {
  private readonly origin: string;
  private isDone = false;
  private text = "";
  private finishReason: string | null = null;
  private usage: ChatUsage = usageOf(null);
  private servedModel: string | null = null;
  private fingerprint: string | null = null;
  private readonly calls = new Map<number, { id: string | null; name: string; argumentsText: string }>();

  constructor(origin: string) {
    this.origin = origin;
  }

  take(line: string): "content" | "end" | "other" {
    if (!line.startsWith("data:")) return "other";
    const data = line.slice(5).trim();
    if (data === "[DONE]") {
      this.isDone = true;
      return "end";
    }
    return this.add(parseReply(data, this.origin)) ? "content" : "other";
  }

  /** True when the event brought content. */
  private add(event: Json): boolean {
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

  private addCall(part: Json): void {
    const index = typeof part["index"] === "number" ? part["index"] : 0;
    const called = record(part["function"]) ?? {};
    const call = this.calls.get(index) ?? { id: null, name: "", argumentsText: "" };
    call.id ??= textOr(part["id"], null);
    call.name += textOr(called["name"], "") ?? "";
    call.argumentsText += textOr(called["arguments"], "") ?? "";
    this.calls.set(index, call);
  }

  /** The reply, if the stream said that it was at its end. */
  reply(): Content {
    if (!this.isDone && this.finishReason === null)
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
export function refuseError(reply: Json, origin: string): void {
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

function objectAt(value: unknown, index: number): Json | null {
  return record(listOf(value)[index]);
}
