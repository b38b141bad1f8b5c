import { join } from "node:path";
import type { ChatMessage, ToolSpec } from "../endpoint/client.ts";
import type { Generation, Sampling } from "../endpoint/llama/generate.ts";
import { fits } from "../endpoint/llama/fits.ts";
import { loadModel } from "../endpoint/llama/model.ts";
import type { LocalModel } from "../endpoint/llama/model.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { findModels, pickModel, verifyModel } from "./models.ts";
import type { ModelList, ServedModel } from "./models.ts";

/** A model made ready: its files verified, its weights in memory. */
export interface ReadyModel {
  readonly served: ServedModel;
  readonly local: LocalModel;
  readonly adapterPath: string | null;
  /** Names weights, adapter, template and context: the same fingerprint gives the same greedy answers. */
  readonly fingerprint: string;
  readonly loadMs: number;
}

/** What the routes ask of the models. */
export interface Engine {
  readonly list: () => Promise<ModelList>;
  /** Verifies and loads on first use. A name keeps its meaning until the engine closes. */
  readonly ready: (name: string) => Promise<ReadyModel>;
  readonly answer: (model: ReadyModel, question: Question) => Promise<Generation>;
  readonly addAdapter: (adapter: ServedModel) => Promise<void>;
  readonly removeAdapter: (name: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface Question {
  readonly promptIds: readonly number[];
  readonly sampling: Omit<Sampling, "maxTokens"> & { readonly maxTokens: number | null };
  readonly onText?: ((piece: string) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EngineOptions {
  readonly project: Project;
  /** Serve only these names; absent serves all. */
  readonly models?: readonly string[] | undefined;
  readonly contextTokens?: number | undefined;
}

/** One weights file in memory, whatever the number of adapters on it; two bases at most. */
const MOST_MODELS = 2;

export function makeEngine({ project, models, contextTokens }: EngineOptions, effects: Effects): Engine {
  const loaded = new Map<string, Promise<LocalModel>>();
  const ready = new Map<string, Promise<ReadyModel>>();
  const pathOf = new Map<string, string>();
  const added = new Map<string, ServedModel>();

  const list = async (): Promise<ModelList> => {
    const found = await findModels(project, effects);
    const allowed = ({ name }: { readonly name: string }): boolean =>
      models === undefined || models.includes(name);
    return {
      models: [...found.models.filter(allowed), ...added.values()],
      missing: found.missing.filter(allowed),
    };
  };
  const weights = async (path: string): Promise<LocalModel> => {
    const known = loaded.get(path);
    if (known) return known;
    for (const old of [...loaded.keys()].slice(0, Math.max(0, loaded.size - MOST_MODELS + 1)))
      await unload(old);
    const loading = loadModel(path, contextTokens === undefined ? {} : { contextTokens }, effects);
    loaded.set(path, loading);
    loading.catch(() => loaded.delete(path));
    return loading;
  };
  const unload = async (path: string): Promise<void> => {
    const model = loaded.get(path);
    loaded.delete(path);
    for (const [name, of] of pathOf) if (of === path) ready.delete(name);
    await (await model)?.close();
  };
  const prepare = async (name: string): Promise<ReadyModel> => {
    const served = pickModel(await list(), name);
    const start = effects.monotonicMs();
    await verifyModel(served, effects);
    const path = join(served.model.folder, served.model.file.path);
    const local = await weights(path);
    pathOf.set(name, path);
    const adapterPath = served.adapter && join(served.adapter.folder, served.adapter.file.path);
    const loadMs = effects.monotonicMs() - start;
    return { served, local, adapterPath, fingerprint: fingerprint(served, local), loadMs };
  };
  return {
    list,
    ready: (name) => {
      const known = ready.get(name) ?? prepare(name);
      ready.set(name, known);
      known.catch(() => ready.delete(name));
      return known;
    },
    answer: async ({ local, adapterPath }, { sampling, ...job }) => {
      fits(job.promptIds, local.contextTokens);
      const maxTokens = sampling.maxTokens ?? local.contextTokens;
      return local.generate(adapterPath, { ...job, sampling: { ...sampling, maxTokens } });
    },
    addAdapter: async (adapter) => {
      added.set(adapter.name, adapter);
      ready.delete(adapter.name);
    },
    removeAdapter: async (name) => {
      const one = await ready.get(name)?.catch(() => null);
      if (one?.adapterPath) await one.local.forget(one.adapterPath);
      ready.delete(name);
      return added.delete(name);
    },
    close: async () => {
      await Promise.allSettled([...ready.values()]);
      for (const path of [...loaded.keys()]) await unload(path);
    },
  };
}

/** Ids of a chat for this model. */
export function promptOf(
  model: ReadyModel,
  messages: readonly ChatMessage[],
  tools?: readonly ToolSpec[],
): readonly number[] {
  return model.local.promptIds(messages, tools);
}

function fingerprint(served: ServedModel, local: LocalModel): string {
  const identity = {
    weights: served.model.file.sha256,
    adapter: served.adapter?.file.sha256 ?? null,
    template: local.header.metadata.get("tokenizer.chat_template") ?? null,
    contextTokens: local.contextTokens,
  };
  return `wb_${digestOf(identity).slice(0, 12)}`;
}
