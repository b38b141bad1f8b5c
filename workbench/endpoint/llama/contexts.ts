import type {
  LlamaContext,
  LlamaContextSequence,
  LlamaEmbeddingContext,
  LlamaModel,
  Token,
} from "node-llama-cpp";
import type { Effects } from "../../store/effects.ts";
import { ggufHeader } from "./artifact.ts";
import { invalid } from "./gguf.ts";
import { unloadable } from "./llama.ts";

export interface PoolOptions {
  readonly size: number;
  readonly limit: number;
  /** Keep keys and values in f32 too: with f16 the next-token log-probabilities of an f32 model drift by 3e-3. */
  readonly exact: boolean;
}

/** A context for each adapter that is in use, the least recently used given up first. */
export function contextPool(model: LlamaModel, { size, limit, exact }: PoolOptions, effects: Effects) {
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

async function checkAdapter(path: string, effects: Effects): Promise<void> {
  const { metadata } = await ggufHeader(path, effects);
  if (metadata.get("general.type") !== "adapter" || metadata.get("adapter.type") !== "lora")
    throw invalid(path, "this GGUF file is no LoRA adapter");
}

/** A context of its own that gives hidden states instead of tokens, made by its first use. */
export function embedderOf(model: LlamaModel, size: number) {
  let opened: Promise<LlamaEmbeddingContext> | null = null;
  const options = { contextSize: size, batchSize: Math.min(size, 512), threads: 1 };
  return {
    vectorOf: async (ids: readonly number[]): Promise<readonly number[]> => {
      const context = await (opened ??= model.createEmbeddingContext(options));
      return (await context.getEmbeddingFor([...ids] as Token[])).vector;
    },
  };
}
