import { getLlama, type Llama } from "node-llama-cpp";
import { WorkbenchError } from "../../errors/error.ts";

let started: Promise<Llama> | null = null;

/** One llama.cpp a process: no GPU, one thread (on shared cores two were half as fast), never built or fetched. */
export function llama(): Promise<Llama> {
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

/** What llama.cpp would not load: a model or an adapter. */
export function unloadable(path: string, cause: unknown): WorkbenchError {
  return new WorkbenchError({
    code: "WB_MODEL_INVALID",
    where: path,
    what: "llama.cpp cannot load this",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "export the model again; an adapter needs the base it was trained on",
    cause,
  });
}
