import type { ServerResponse } from "node:http";
import type { ChatMessage } from "../endpoint/client.ts";
import type { Answered, Answerer, Asked } from "./answer.ts";
import type { ReadyModel } from "./engine.ts";
import { sendJson } from "./http.ts";
import type { ServedModel } from "./models.ts";
import type { Call } from "./openai-routes.ts";
import { readOllamaChat, readOllamaGenerate } from "./question.ts";

/** How a route words a piece of text: `message` for chats, `response` for prompts. */
type Wording = (text: string) => Readonly<Record<string, unknown>>;

const asChat: Wording = (content) => ({ message: { role: "assistant", content } satisfies ChatMessage });
const asResponse: Wording = (response) => ({ response });

/** `POST /api/chat`. */
export async function chat(answerer: Answerer, call: Call, response: ServerResponse): Promise<void> {
  await reply(
    answerer,
    {
      asked: { question: readOllamaChat(call.body), id: call.id, at: call.at, signal: call.signal },
      wording: asChat,
    },
    response,
  );
}

/** `POST /api/generate`. */
export async function generate(answerer: Answerer, call: Call, response: ServerResponse): Promise<void> {
  const question = readOllamaGenerate(call.body);
  await reply(
    answerer,
    { asked: { question, id: call.id, at: call.at, signal: call.signal }, wording: asResponse },
    response,
  );
}

interface Reply {
  readonly asked: Asked;
  readonly wording: Wording;
}

async function reply(answerer: Answerer, { asked, wording }: Reply, response: ServerResponse): Promise<void> {
  if (!asked.question.stream) {
    const answered = await answerer.answer(asked);
    await answerer.log(asked, answered);
    sendJson(response, 200, { ...lastLine(answered), ...wording(answered.generation.text) });
    return;
  }
  const model = await answerer.ready(asked.question.model);
  const answered = await answerer.answer({
    ...asked,
    onText: (piece) => {
      if (!response.headersSent) response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write(
        `${JSON.stringify({ model: model.served.name, created_at: asked.at.toISOString(), ...wording(piece), done: false })}\n`,
      );
    },
  });
  if (!response.headersSent) response.writeHead(200, { "content-type": "application/x-ndjson" });
  await answerer.log(asked, answered);
  response.end(`${JSON.stringify({ ...lastLine(answered), ...wording("") })}\n`);
}

/** Durations are nanoseconds; `load_duration` is a cold start, not latency. */
function lastLine({ model, generation, ...took }: Answered): Readonly<Record<string, unknown>> {
  const ns = (ms: number): number => Math.round(ms * 1e6);
  const busyMs = Math.max(0, took.totalMs - took.loadMs);
  const promptMs = Math.min(busyMs, Math.max(0, (took.ttftMs ?? took.totalMs) - took.loadMs));
  return {
    model: model.served.name,
    created_at: took.startedAt.toISOString(),
    done: true,
    done_reason: generation.finish,
    total_duration: ns(took.totalMs),
    load_duration: ns(took.loadMs),
    prompt_eval_count: generation.promptTokens,
    prompt_eval_duration: ns(promptMs),
    eval_count: generation.outputTokens,
    eval_duration: ns(busyMs - promptMs),
    system_fingerprint: model.fingerprint,
  };
}

/** An entry of `GET /api/tags`. */
export function tag(served: ServedModel): unknown {
  const weights = served.adapter ?? served.model;
  return {
    name: served.name,
    model: served.name,
    modified_at: "1970-01-01T00:00:00Z",
    size: served.model.file.bytes + (served.adapter?.file.bytes ?? 0),
    digest: weights.file.sha256,
    details: {
      parent_model: served.adapter ? served.base : "",
      format: "gguf",
      family: "",
      families: null,
      parameter_size: "",
      quantization_level: "",
    },
  };
}

/** `POST /api/show`. */
export function show({ local, served, fingerprint, adapterPath }: ReadyModel): unknown {
  const { metadata } = local.header;
  const architecture = metadata.get("general.architecture");
  const family = typeof architecture === "string" ? architecture : "";
  // Ollama's own names; whole vocabularies are left out, as it does without `verbose`.
  const facts = [...metadata].filter(
    ([key, value]) => !Array.isArray(value) && key !== "tokenizer.chat_template",
  );
  return {
    modelfile: `FROM ${served.model.file.sha256}${adapterPath === null ? "" : `\nADAPTER ${served.adapter?.file.sha256 ?? ""}`}`,
    template: metadata.get("tokenizer.chat_template") ?? "",
    details: {
      parent_model: served.adapter ? served.base : "",
      format: "gguf",
      family,
      families: [family],
      parameter_size: "",
      quantization_level: "",
    },
    model_info: Object.fromEntries(facts),
    capabilities: ["completion"],
    system_fingerprint: fingerprint,
  };
}
