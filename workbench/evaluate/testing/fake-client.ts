import type { ChatClient, ChatReply, ChatRequest } from "../../endpoint/client.ts";
import { sha256 } from "../../schema/canonical.ts";
import type { Arm } from "../arm.ts";

/** A model in memory: the same question gives the same answer, and every call is counted. */
export interface FakeModel {
  readonly arm: Arm;
  readonly calls: () => number;
}

export interface FakeOptions {
  readonly name?: string;
  /** From the prompt to the answer; may throw an EndpointError. Default: the first digits of its digest. */
  readonly answer?: (prompt: string, call: number) => string | Promise<string>;
  readonly concurrency?: number | null;
  readonly trainedOn?: (text: string) => boolean;
  readonly group?: string;
}

/** An arm on a fake model. */
export function fakeModel(options: FakeOptions = {}): FakeModel {
  const { name = "baseline", answer = (prompt) => sha256(prompt).slice(0, 8) } = options;
  let calls = 0;
  const client: ChatClient = {
    origin: "http://fake.test",
    models: async () => [name],
    close: async () => undefined,
    chat: async (request: ChatRequest) => {
      const call = ++calls;
      const prompt = request.messages.map(({ content }) => content).join("\n");
      return replyOf(request, await answer(prompt, call), call);
    },
  };
  const arm: Arm = {
    kind: "live",
    name,
    model: `fake-${name}`,
    run: null,
    client,
    requestModel: `fake-${name}`,
    identity: { fake: name },
    group: options.group ?? "fake",
    concurrency: options.concurrency === undefined ? 2 : options.concurrency,
    costOf: ({ inputTokens, outputTokens }) =>
      inputTokens === null || outputTokens === null ? null : inputTokens * 1e-6 + outputTokens * 4e-6,
    prices: { input: 1, output: 4 },
    ...(options.trainedOn ? { trainedOn: options.trainedOn } : {}),
  };
  return { arm, calls: () => calls };
}

function replyOf(request: ChatRequest, text: string, call: number): ChatReply {
  return {
    text,
    toolCalls: [],
    finishReason: "stop",
    usage: { inputTokens: 10, cachedTokens: 0, outputTokens: text.length },
    servedModel: request.model,
    fingerprint: null,
    // Differs with each call, as a clock does: a reply that was paid for twice cannot hide.
    latencyMs: 100 + call,
    ttftMs: null,
  };
}
