import type { ServerResponse } from "node:http";
import type { TokenLogprob } from "../endpoint/llama/generate.ts";
import type { Answered, Answerer, Asked } from "./answer.ts";
import { sendJson } from "./http.ts";
import { readOpenAiChat } from "./question.ts";

export interface Call {
  readonly id: string;
  readonly body: unknown;
  /** When the call came in. */
  readonly at: Date;
  readonly signal: AbortSignal;
}

/** `POST /v1/chat/completions`. */
export async function chatCompletions(
  answerer: Answerer,
  call: Call,
  response: ServerResponse,
): Promise<void> {
  const question = readOpenAiChat(call.body);
  const asked: Asked = { question, id: call.id, at: call.at, signal: call.signal };
  if (!question.stream) {
    const answered = await answerer.answer(asked);
    await answerer.log(asked, answered);
    sendJson(response, 200, completion(answered));
    return;
  }
  await streamed(answerer, { asked, includeUsage: question.includeUsage }, response);
}

interface Streamed {
  readonly asked: Asked;
  readonly includeUsage: boolean;
}

async function streamed(
  answerer: Answerer,
  { asked, includeUsage }: Streamed,
  response: ServerResponse,
): Promise<void> {
  // Loading may fail, and then the status must still be free to say so.
  const model = await answerer.ready(asked.question.model);
  const head = {
    id: `chatcmpl-${asked.id}`,
    object: "chat.completion.chunk",
    created: Math.floor(asked.at.getTime() / 1000),
    model: model.served.name,
    system_fingerprint: model.fingerprint,
  };
  const send = (choices: readonly unknown[], usage?: unknown): void => {
    if (!response.headersSent)
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(
      `data: ${JSON.stringify({ ...head, choices, ...(includeUsage ? { usage: usage ?? null } : {}) })}\n\n`,
    );
  };
  const delta = (content: object, finish: string | null = null, logprobs: unknown = null) => [
    { index: 0, delta: content, logprobs, finish_reason: finish },
  ];
  let opened = false;
  const open = (): void => {
    if (!opened) send(delta({ role: "assistant", content: "" }));
    opened = true;
  };
  const answered = await answerer.answer({
    ...asked,
    onText: (piece) => {
      open();
      send(delta({ content: piece }));
    },
  });
  open();
  const { generation } = answered;
  send(delta({}, generation.finish, logprobsOf(generation.logprobs)));
  if (includeUsage) send([], usageOf(answered));
  await answerer.log(asked, answered);
  response.end("data: [DONE]\n\n");
}

function completion(answered: Answered): unknown {
  const { generation, model } = answered;
  return {
    id: `chatcmpl-${answered.id}`,
    object: "chat.completion",
    created: Math.floor(answered.startedAt.getTime() / 1000),
    model: model.served.name,
    system_fingerprint: model.fingerprint,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: generation.text, refusal: null },
        logprobs: logprobsOf(generation.logprobs),
        finish_reason: generation.finish,
      },
    ],
    usage: usageOf(answered),
  };
}

function usageOf({ generation: { promptTokens, outputTokens } }: Answered): unknown {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

function logprobsOf(logprobs: readonly TokenLogprob[] | null): unknown {
  if (logprobs === null) return null;
  const entry = ({ text, logprob }: { readonly text: string; readonly logprob: number }) => ({
    token: text,
    logprob,
    bytes: [...Buffer.from(text)],
  });
  return { content: logprobs.map((token) => ({ ...entry(token), top_logprobs: token.top.map(entry) })) };
}
