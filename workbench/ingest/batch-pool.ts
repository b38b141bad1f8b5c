import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Stone } from "../redact/erased.ts";
import type { BatchRead } from "./batch.ts";
import type { Answer, Recipe } from "./batch-thread.ts";
import { FORMATS } from "./formats/registry.ts";
import type { Packed } from "./pack-frames.ts";
import type { ReadSettings } from "./reader.ts";

const WORKER = new URL("./batch-worker.ts", import.meta.url);
/** Beyond these the thread that cuts records and writes files is what is waited for. */
const MOST_THREADS = 8;

/** Threads that read batches side by side. */
export interface BatchPool {
  /** How many batches are worth having under way. */
  readonly size: number;
  /** Takes the batch's memory over. */
  readonly read: (packed: Packed) => Promise<BatchRead>;
  readonly close: () => Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  /** What it died of; null while it lives. */
  died: { readonly of: Error } | null;
  readonly waiting: {
    readonly resolve: (read: BatchRead) => void;
    readonly reject: (error: unknown) => void;
  }[];
}

/** Threads for a source; `most` is what the user allows. Null when one thread is all there is, or a format is made by hand. */
export function batchPool(
  { format, policy, key, limits }: ReadSettings,
  stones: readonly Stone[],
  most: number | null,
): BatchPool | null {
  const size = Math.min(most ?? availableParallelism(), MOST_THREADS);
  const isKnown = format.mapping !== undefined || FORMATS.includes(format);
  if (size < 2 || !isKnown) return null;
  const recipe: Recipe = {
    format: format.mapping ?? format.name,
    policy: policy.options,
    key,
    limits,
    stones,
    compileCache: getCompileCacheDir() ?? null,
  };
  const threads = Array.from({ length: size }, () => startThread(recipe));
  let next = 0;
  return {
    size,
    read: (packed) => {
      const thread = threads[next++ % size] as Thread;
      return new Promise((resolve, reject) => {
        // Nobody would answer.
        if (thread.died !== null) {
          reject(thread.died.of);
          return;
        }
        thread.waiting.push({ resolve, reject });
        thread.worker.postMessage(packed, [packed.bytes]);
      });
    },
    close: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(recipe: Recipe): Thread {
  const thread: Thread = { worker: new Worker(WORKER, { workerData: recipe }), died: null, waiting: [] };
  const { worker, waiting } = thread;
  worker.on("message", (answer: Answer) => {
    const asked = waiting.shift();
    if ("read" in answer) asked?.resolve(answer.read);
    else asked?.reject(answer.failed);
  });
  const failed = (error: unknown): void => {
    thread.died ??= { of: error instanceof Error ? error : new Error(String(error)) };
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on("error", failed);
  worker.on("exit", () => failed(new Error("a thread of the import ended early")));
  return thread;
}
