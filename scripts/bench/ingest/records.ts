import type { Random } from "../../../workbench/stats/random.ts";
import { accented, nearly, personal, prose } from "./text.ts";

/** What one logged exchange says, before a format gives it members. */
export interface Exchange {
  readonly id: string;
  readonly user: string;
  readonly conversation: string;
  readonly startedMs: number;
  readonly latencyMs: number;
  readonly model: string;
  readonly system: string;
  readonly turns: readonly string[];
  readonly answer: string;
  readonly tool: { readonly name: string; readonly argument: string; readonly result: string } | null;
  readonly rating: number | null;
}

export type LogKind = "workbench" | "openai-chat";

const START_MS = Date.UTC(2026, 8, 1);
const MODELS = ["model-small-1", "model-small-2", "model-large-1"];
const TOOLS = ["get_order", "search_articles", "issue_refund", "update_address"];

/** Exchange number `n`, every text new. */
export function exchange(n: number, words: readonly string[], random: Random): Exchange {
  const turns = Array.from({ length: 1 + 2 * random.below(2) }, () =>
    prose(90 + random.below(260), words, random),
  );
  if (random.uniform() < 0.03) turns[0] = `${turns[0]} ${personal(random)}`;
  if (random.uniform() < 0.2) turns[0] = accented(turns[0] ?? "", random);
  const used = random.uniform() < 0.25;
  return {
    id: `req-${n.toString(36).padStart(8, "0")}`,
    user: `user-${random.below(50_000)}`,
    conversation: `conv-${Math.floor(n / 3)}`,
    startedMs: START_MS + n * 2600 + random.below(2600),
    latencyMs: 200 + random.below(4000),
    model: MODELS[random.below(MODELS.length)] ?? "",
    system: `You are the assistant of shop ${random.below(12)}. Answer briefly and politely, and call a tool when you need one.`,
    turns,
    answer: prose(250 + random.below(700), words, random),
    tool: used
      ? {
          name: TOOLS[random.below(TOOLS.length)] ?? "",
          argument: `A${random.below(90_000)}`,
          result: prose(60 + random.below(160), words, random),
        }
      : null,
    rating: random.uniform() < 0.2 ? 1 + random.below(5) : null,
  };
}

/** The same words under another id and time; `near`: but for one word. */
export function repeated(
  of: Exchange,
  n: number,
  {
    near,
    words,
    random,
  }: { readonly near: boolean; readonly words: readonly string[]; readonly random: Random },
): Exchange {
  return {
    ...of,
    id: `req-${n.toString(36).padStart(8, "0")}`,
    startedMs: START_MS + n * 2600 + random.below(2600),
    answer: near ? nearly(of.answer, words, random) : of.answer,
  };
}

const TOOL_SCHEMAS = TOOLS.map((name) => ({
  type: "function",
  function: {
    name,
    description: `Calls ${name.replace("_", " ")}.`,
    parameters: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  },
}));

function messagesOf({ system, turns, tool }: Exchange, argumentsOf: (id: string) => unknown): object[] {
  const spoken = turns.map((content, n) => ({ role: n % 2 === 0 ? "user" : "assistant", content }));
  const called = tool && [
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: "call-1",
          type: "function",
          function: { name: tool.name, arguments: argumentsOf(tool.argument) },
        },
      ],
    },
    { role: "tool", tool_call_id: "call-1", content: tool.result },
  ];
  return [{ role: "system", content: system }, ...spoken, ...(called ?? [])];
}

/** An exchange as a record of OpenAI's chat log. */
export function chatRecord(one: Exchange): object {
  return {
    request: {
      model: one.model,
      temperature: 0.2,
      max_tokens: 1024,
      user: one.user,
      messages: messagesOf(one, (id) => JSON.stringify({ id })),
      ...(one.tool ? { tools: TOOL_SCHEMAS } : {}),
    },
    response: {
      id: one.id,
      object: "chat.completion",
      created: Math.floor(one.startedMs / 1000),
      model: one.model,
      choices: [{ index: 0, message: { role: "assistant", content: one.answer }, finish_reason: "stop" }],
      usage: usageOf(one),
    },
  };
}

const usageOf = ({ turns, answer }: Exchange): object => {
  const prompt = Math.ceil(turns.join(" ").length / 4) + 40;
  const completion = Math.ceil(answer.length / 4);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
};

/** An exchange as the workbench's own record. */
export function ownRecord(one: Exchange): object {
  const messages = messagesOf(one, (id) => ({ id })).map((message) => {
    const { tool_calls: calls, ...rest } = message as { tool_calls?: { id: string; function: object }[] };
    return calls ? { ...rest, tool_calls: calls.map(({ id, function: named }) => ({ id, ...named })) } : rest;
  });
  return {
    schema: "workbench/interaction@1",
    source_id: one.id,
    conversation_id: one.conversation,
    turn: one.turns.length,
    user_key: one.user,
    started_at: new Date(one.startedMs).toISOString(),
    ended_at: new Date(one.startedMs + one.latencyMs).toISOString(),
    provider: "example",
    model_requested: one.model,
    model_served: one.model,
    params: { temperature: 0.2, max_tokens: 1024 },
    task_type: "support",
    tools: one.tool ? TOOL_SCHEMAS : null,
    messages,
    output: [{ role: "assistant", content: one.answer, finish_reason: "stop" }],
    status: "ok",
    input_tokens: Math.ceil(one.turns.join(" ").length / 4) + 40,
    output_tokens: Math.ceil(one.answer.length / 4),
    latency_ms: one.latencyMs,
    ...(one.rating === null ? {} : { feedback: [{ kind: "rating", raw: one.rating }] }),
    tags: ["web"],
    metadata: { region: one.startedMs % 2 === 0 ? "eu" : "us", build: one.startedMs % 7 },
  };
}
