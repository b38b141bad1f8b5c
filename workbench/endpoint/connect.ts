import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Config, ModelRef } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { endpointUrl } from "./address.ts";
import { chatClient } from "./chat-client.ts";
import type { ChatClient } from "./client.ts";
import { EMBEDDINGS } from "./embeddings.ts";
import { OLLAMA } from "./ollama.ts";
import { OPENAI } from "./openai.ts";
import { PROMPT_LOGPROBS } from "./prompt-logprobs.ts";
import { secretFromEnv } from "./secret.ts";
import { openTransport } from "./transport.ts";
import type { TransportOptions } from "./transport.ts";

export interface Connection {
  readonly client: ChatClient;
  readonly ref: ModelRef;
  /** What the client speaks. */
  readonly protocol: "openai" | "ollama";
}

export interface ConnectOptions extends Pick<
  TransportOptions,
  "connections" | "firstByteMs" | "betweenChunksMs" | "maxReplyBytes"
> {
  /** Where the project's own server listens; needed for endpoints of kind `local`. */
  readonly localOrigin?: string | undefined;
  /** Default: chats. */
  readonly asks?: "embeddings" | "promptLogprobs";
}

/**
 * A client for a model of `workbench.config.yaml`. Nothing is dialled yet. Errors: WB_MODEL_UNKNOWN,
 * WB_CONFIG_INVALID, WB_KEY_MISSING.
 */
export async function connect(
  config: Config,
  modelName: string,
  options: ConnectOptions = {},
  effects: Effects = realEffects,
): Promise<Connection> {
  const ref = config.models[modelName];
  if (!ref) throw unknown(modelName, { what: "model", names: Object.keys(config.models) });
  const endpoint = config.endpoints[ref.endpoint];
  if (!endpoint) throw unknown(ref.endpoint, { what: "endpoint", names: Object.keys(config.endpoints) });
  const protocol = endpoint.kind === "local" ? endpoint.protocol : endpoint.kind;
  // What is no chat is OpenAI's shape on the project's own server, whatever its chats speak.
  const spokenThere = options.asks === undefined ? protocol : "openai";
  const url = endpoint.kind === "local" ? localUrl(spokenThere, options.localOrigin) : endpoint.url;
  const keyEnv = endpoint.kind === "local" ? undefined : endpoint.keyEnv;
  const secret = secretFromEnv(keyEnv, endpointUrl(url).origin, effects);
  const transport = openTransport({ ...options, url, secret });
  const spoken = { embeddings: EMBEDDINGS, promptLogprobs: PROMPT_LOGPROBS, openai: OPENAI, ollama: OLLAMA }[
    options.asks ?? protocol
  ];
  const client = chatClient(transport, spoken, effects);
  return { client, ref, protocol };
}

/** True when a model answers from the project's own server, so that one must be started first. */
export function isLocal(config: Config, modelName: string): boolean {
  return config.endpoints[config.models[modelName]?.endpoint ?? ""]?.kind === "local";
}

function localUrl(protocol: "openai" | "ollama", origin: string | undefined): string {
  if (origin !== undefined) return protocol === "openai" ? `${origin}/v1` : origin;
  throw new WorkbenchError({
    code: "WB_ENDPOINT_DOWN",
    what: "the project's own server is not running",
    fix: "start it with workbench serve, or run a command that starts it",
  });
}

function unknown(
  name: string,
  known: { readonly what: string; readonly names: readonly string[] },
): WorkbenchError {
  return new WorkbenchError({
    code: known.what === "model" ? "WB_MODEL_UNKNOWN" : "WB_CONFIG_INVALID",
    where: "workbench.config.yaml",
    what: `there is no ${known.what} ${quoted(name)}`,
    why: `these are there: ${known.names.join(", ") || "none"}`,
    fix: `add it below ${known.what}s:, or use one of these names`,
  });
}
