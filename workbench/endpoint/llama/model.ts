import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { ChatMessage, ToolSpec } from "../client.ts";
import { ggufHeader } from "./artifact.ts";
import { contextPool, embedderOf } from "./contexts.ts";
import { fits } from "./fits.ts";
import { generate } from "./generate.ts";
import type { Generation, Job } from "./generate.ts";
import type { GgufHeader } from "./gguf.ts";
import { llama, unloadable } from "./llama.ts";
import { nextLogprobs, promptLogprobs } from "./logprobs.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { chatTemplate } from "./template.ts";

export interface LoadOptions {
  /** Tokens of prompt and answer; default: what the model was trained on, at most 4 096. */
  readonly contextTokens?: number;
  /** Adapter contexts kept ready; the least recently used goes first. Default 8. */
  readonly contexts?: number;
}

/** One GGUF model in this process. Requests run one after another, so that answers stay reproducible. */
export interface LocalModel {
  readonly path: string;
  readonly header: GgufHeader;
  readonly contextTokens: number;
  /** Ids of a chat with the generation prompt, as the trainer encodes it. */
  readonly promptIds: (messages: readonly ChatMessage[], tools?: readonly ToolSpec[]) => readonly number[];
  /** `control`: the text of a special token becomes that token. */
  readonly tokenize: (text: string, control: boolean) => readonly number[];
  /** `adapter` is the path of a LoRA GGUF, or null for the bare model. */
  readonly generate: (adapter: string | null, job: Job) => Promise<Generation>;
  /** Log-probabilities of the whole vocabulary for the token after `promptIds`, by id. */
  readonly nextLogprobs: (adapter: string | null, promptIds: readonly number[]) => Promise<Float64Array>;
  /** Of each token but the first, the natural logarithm of its probability after those before it. */
  readonly promptLogprobs: (adapter: string | null, ids: readonly number[]) => Promise<readonly number[]>;
  /** The bare model's last hidden state, after the final norm, at the last of these tokens. */
  readonly embed: (ids: readonly number[]) => Promise<readonly number[]>;
  /** Forgets an adapter's context; its weights go with the model. */
  readonly forget: (adapter: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const MOST_CONTEXT = 4096;
/** general.file_type of a model whose matrices are all f32. */
const ALL_F32 = 0;

/** Loads a GGUF model on the CPU with one thread, after its header has been checked. */
export async function loadModel(
  path: string,
  { contextTokens, contexts = 8 }: LoadOptions = {},
  effects: Effects = realEffects,
): Promise<LocalModel> {
  const header = await ggufHeader(path, effects);
  const template = chatTemplate(header, path);
  const model = await (
    await llama()
  )
    .loadModel({ modelPath: path, gpuLayers: 0, useMmap: false })
    .catch((cause: unknown) => {
      throw unloadable(path, cause);
    });
  const size = Math.min(contextTokens ?? MOST_CONTEXT, model.trainContextSize);
  const pool = contextPool(
    model,
    { size, limit: contexts, exact: header.metadata.get("general.file_type") === ALL_F32 },
    effects,
  );
  const embedder = embedderOf(model, size);
  const turn = oneAtATime();
  const promptIds: LocalModel["promptIds"] = (messages, tools) =>
    template.pieces(messages, tools).flatMap(({ text, control }) => model.tokenize(text, control));
  return {
    path,
    header,
    contextTokens: size,
    promptIds,
    tokenize: (text, control) => model.tokenize(text, control),
    generate: (adapter, job) =>
      turn(async () => {
        job.signal?.throwIfAborted();
        fits(job.promptIds, size);
        return generate(model, await pool.sequence(adapter), job);
      }),
    nextLogprobs: (adapter, ids) => turn(async () => nextLogprobs(await pool.sequence(adapter), ids)),
    promptLogprobs: (adapter, ids) => turn(async () => promptLogprobs(await pool.sequence(adapter), ids)),
    embed: (ids) => turn(async () => (fits(ids, size), embedder.vectorOf(ids))),
    forget: (adapter) => turn(() => pool.forget(adapter)),
    close: () => turn(() => model.dispose()),
  };
}
