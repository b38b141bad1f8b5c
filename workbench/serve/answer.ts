import type { ChatMessage } from "../endpoint/client.ts";
import type { Generation } from "../endpoint/llama/generate.ts";
import { HttpError } from "./http.ts";
import type { Effects } from "../store/effects.ts";
import type { Interaction } from "../schema/interaction.ts";
import { Interaction as InteractionRow } from "../schema/interaction.ts";
import type { Engine, ReadyModel } from "./engine.ts";
import { promptOf } from "./engine.ts";
import type { ChatQuestion } from "./question.ts";

/** Called with each served call in the interaction store's form, before the reply's last byte is sent. */
export type OnInteraction = (interaction: Interaction) => Promise<void>;

/** What a route hands over: the question, and where streamed text goes. */
export interface Asked {
  readonly question: ChatQuestion & { readonly numCtx?: number | null; readonly raw?: string | null };
  /** Names the call in the log and in the reply; the client's own id where it sent one. */
  readonly id: string;
  /** When the call came in. */
  readonly at: Date;
  readonly signal: AbortSignal;
  readonly onText?: (piece: string) => void | Promise<void>;
}

export interface Answered {
  readonly id: string;
  readonly model: ReadyModel;
  readonly generation: Generation;
  readonly startedAt: Date;
  readonly loadMs: number;
  readonly ttftMs: number | null;
  readonly totalMs: number;
}

export interface Answerer {
  readonly ready: (name: string) => Promise<ReadyModel>;
  readonly answer: (asked: Asked) => Promise<Answered>;
  /** Logs the call. A failed write is counted and never breaks the reply. */
  readonly log: (asked: Asked, answered: Answered) => Promise<void>;
  readonly lost: () => number;
}

export function makeAnswerer(
  engine: Engine,
  onInteraction: OnInteraction | null,
  effects: Effects,
): Answerer {
  let lost = 0;
  return {
    ready: engine.ready,
    lost: () => lost,
    answer: async (asked) => answer(engine, asked, effects),
    log: async (asked, answered) => {
      if (!onInteraction) return;
      try {
        await onInteraction(interactionOf(asked, answered));
      } catch {
        lost++;
      }
    },
  };
}

async function answer(
  engine: Engine,
  { question, id, at, signal, onText }: Asked,
  effects: Effects,
): Promise<Answered> {
  const start = effects.monotonicMs();
  const model = await engine.ready(question.model);
  const loadMs = effects.monotonicMs() - start;
  const raw = question.raw ?? null;
  const promptIds =
    raw === null ? promptOf(model, question.messages, question.tools) : model.local.tokenize(raw, true);
  const context = Math.min(question.numCtx ?? Infinity, model.local.contextTokens);
  if (promptIds.length === 0 || promptIds.length >= context)
    throw new HttpError(
      400,
      `the prompt has ${promptIds.length} tokens; the context holds 1 to ${context - 1} beside the answer`,
      "context_length_exceeded",
    );
  const room = context - promptIds.length;
  const { sampling } = question;
  let ttftMs: number | null = null;
  const generation = await engine.answer(model, {
    promptIds,
    signal,
    sampling: {
      ...sampling,
      maxTokens: Math.min(sampling.maxTokens ?? room, room),
      // Without a seed each sampled answer differs, as clients expect; greedy ones need none.
      seed: sampling.seed >= 0 ? sampling.seed : Buffer.from(effects.random(4)).readUInt32LE(0),
    },
    ...(onText === undefined
      ? {}
      : {
          onText: (piece: string) => {
            ttftMs ??= effects.monotonicMs() - start;
            return onText(piece);
          },
        }),
  });
  return { id, model, generation, startedAt: at, loadMs, ttftMs, totalMs: effects.monotonicMs() - start };
}

/** A message of a question, or the answer. */
interface Logged {
  readonly role: string;
  readonly content: string;
  readonly toolCalls?: ChatMessage["toolCalls"];
  readonly toolCallId?: string | null | undefined;
}

/** Arguments are a JSON text; what is none stays the text it is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function interactionOf(
  { question }: Asked,
  { id, model, generation, startedAt, ...took }: Answered,
): Interaction {
  const message = ({ role, content, toolCalls = [], toolCallId = null }: Logged) => ({
    role,
    content,
    parts: null,
    name: null,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      name: call.name,
      arguments: jsonOf(call.argumentsText),
    })),
    tool_call_id: toolCallId,
  });
  return InteractionRow.parse({
    interaction_id: id,
    started_at: startedAt.toISOString(),
    ended_at: new Date(startedAt.getTime() + took.totalMs).toISOString(),
    provider: "workbench",
    model_requested: question.model,
    model_served: model.served.name,
    params: question.params,
    system: question.messages.find(({ role }) => role === "system")?.content ?? null,
    tools: question.tools.length === 0 ? null : question.tools,
    messages: question.messages.map(message),
    output: [
      { ...message({ role: "assistant", content: generation.text }), finish_reason: generation.finish },
    ],
    input_tokens: generation.promptTokens,
    cached_tokens: 0,
    output_tokens: generation.outputTokens,
    latency_ms: took.totalMs,
    ttft_ms: took.ttftMs,
    metadata: { fingerprint: model.fingerprint, run: model.served.run },
  });
}
