import { getLlama } from "node-llama-cpp";
import type {
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaEmbeddingContext,
  LlamaModel,
  Token,
} from "node-llama-cpp";
import { WorkbenchError } from "../../errors/error.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { ChatMessage, ToolSpec } from "../client.ts";
import { ggufHeader } from "./artifact.ts";
import { generate } from "./generate.ts";
import type { Generation, Job } from "./generate.ts";
import type { GgufHeader } from "./gguf.ts";
import { invalid } from "./gguf.ts";
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

/** The prompt must leave room for at least one token. */
export function fits(promptIds: readonly number[], contextTokens: number): void {
  if (promptIds.length > 0 && promptIds.length < contextTokens) return;
  throw new WorkbenchError({
    code: "WB_USAGE",
    what: `the prompt has ${promptIds.length} tokens; this model takes 1 to ${contextTokens - 1}`,
    fix: "shorten the messages",
  });
}

let started: Promise<Llama> | null = null;

/** One llama.cpp a process: no GPU, one thread (on shared cores two were half as fast), never built or fetched. */
function llama(): Promise<Llama> {
  started ??= getLlama({
    gpu: false,
    maxThreads: 1,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logger: () => undefined,
  }).catch((cause: unknown) => {
    started = null;
    throw new WorkbenchError({
      code: "WB_IO",
      what: "llama.cpp could not be started",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "run npm ci again on this machine, so that the build for its processor is installed",
      cause,
    });
  });
  return started;
}

interface PoolOptions {
  readonly size: number;
  readonly limit: number;
  /** Keep keys and values in f32 too: with f16 the next-token log-probabilities of an f32 model drift by 3e-3. */
  readonly exact: boolean;
}

function contextPool(model: LlamaModel, { size, limit, exact }: PoolOptions, effects: Effects) {
  // A Map keeps its order of insertion: the first is the least recently used.
  const ready = new Map<
    string,
    { readonly context: LlamaContext; readonly sequence: LlamaContextSequence }
  >();
  const drop = async (key: string): Promise<void> => {
    const entry = ready.get(key);
    ready.delete(key);
    await entry?.context.dispose();
  };
  return {
    forget: drop,
    sequence: async (adapter: string | null): Promise<LlamaContextSequence> => {
      const key = adapter ?? "";
      const known = ready.get(key);
      if (known) {
        ready.delete(key);
        ready.set(key, known);
        return known.sequence;
      }
      if (adapter !== null) await checkAdapter(adapter, effects);
      for (const oldest of [...ready.keys()].slice(0, Math.max(0, ready.size - limit + 1)))
        await drop(oldest);
      const context = await model
        .createContext({
          contextSize: size,
          batchSize: Math.min(size, 512),
          sequences: 1,
          threads: 1,
          ...(adapter === null ? {} : { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
          // Marked experimental there; the parity check with the trainer is what holds it.
          ...(exact
            ? {
                flashAttention: false,
                experimentalKvCacheKeyType: "F32",
                experimentalKvCacheValueType: "F32",
              }
            : {}),
        })
        .catch((cause: unknown) => {
          throw unloadable(adapter ?? "the model", cause);
        });
      const sequence = context.getSequence();
      ready.set(key, { context, sequence });
      return sequence;
    },
  };
}

/** A context of its own that gives hidden states instead of tokens, made by its first use. */
function embedderOf(model: LlamaModel, size: number) {
  let opened: Promise<LlamaEmbeddingContext> | null = null;
  const options = { contextSize: size, batchSize: Math.min(size, 512), threads: 1 };
  return {
    vectorOf: async (ids: readonly number[]): Promise<readonly number[]> => {
      const context = await (opened ??= model.createEmbeddingContext(options));
      return (await context.getEmbeddingFor([...ids] as Token[])).vector;
    },
  };
}

async function checkAdapter(path: string, effects: Effects): Promise<void> {
  const { metadata } = await ggufHeader(path, effects);
  if (metadata.get("general.type") !== "adapter" || metadata.get("adapter.type") !== "lora")
    throw invalid(path, "this GGUF file is no LoRA adapter");
}

/** Softmax in double precision over the raw logits, shifted by their maximum. */
async function nextLogprobs(sequence: LlamaContextSequence, ids: readonly number[]): Promise<Float64Array> {
  fits(ids, sequence.contextSize);
  await sequence.clearHistory();
  const last = ids.at(-1) as Token;
  const results = await sequence.controlledEvaluate([
    ...(ids.slice(0, -1) as Token[]),
    [last, { generateNext: { token: true, logits: true } }],
  ]);
  return logSoftmax(results.at(-1)?.next.logits);
}

/** Positions whose whole distributions are held at once. */
const POSITIONS = 16;

async function promptLogprobs(
  sequence: LlamaContextSequence,
  ids: readonly number[],
): Promise<readonly number[]> {
  fits(ids, sequence.contextSize);
  await sequence.clearHistory();
  const out: number[] = [];
  for (let from = 0; from < ids.length - 1; from += POSITIONS) {
    const some = ids.slice(from, Math.min(from + POSITIONS, ids.length - 1)) as Token[];
    const results = await sequence.controlledEvaluate(
      some.map((id) => [id, { generateNext: { token: true, logits: true } }] as const),
    );
    results.forEach((result, i) => out.push(logSoftmax(result?.next.logits)[ids[from + i + 1] ?? -1] ?? NaN));
  }
  return out;
}

function logSoftmax(logits: ReadonlyMap<Token, number> | undefined): Float64Array {
  if (!logits) throw new WorkbenchError({ code: "WB_BUG", what: "llama.cpp gave no logits" });
  const out = new Float64Array(logits.size);
  for (const [id, logit] of logits) out[id] = logit;
  const highest = out.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const total = Math.log(out.reduce((sum, logit) => sum + Math.exp(logit - highest), 0)) + highest;
  return out.map((logit) => logit - total);
}

/** Runs what it is given one after another; a failure does not stop the next. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function unloadable(path: string, cause: unknown): WorkbenchError {
  return new WorkbenchError({
    code: "WB_MODEL_INVALID",
    where: path,
    what: "llama.cpp cannot load this",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "export the model again; an adapter needs the base it was trained on",
    cause,
  });
}
