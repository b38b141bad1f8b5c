import type { FileRef } from "../schema/names.ts";
import type { RecipeLock } from "../schema/recipe-lock.ts";

/** A field of a lock that a host cannot honour. Any of them is a hard error: nothing is dropped. */
export interface Unsupported {
  readonly field: string;
  readonly value: string;
  readonly why: string;
}

/** What a training run needs on its host; paths are on this machine. */
export interface TrainJob {
  readonly runId: string;
  readonly lock: RecipeLock;
  readonly base: string;
  /** The adapter folder to go on from, or null. */
  readonly start: string | null;
  readonly train: string;
  readonly eval: string | null;
}

/** How a run stands, derived from its files and processes each time it is asked. */
export interface JobState {
  readonly state: "absent" | "running" | "finished" | "crashed" | "restarted";
  readonly pid: number | null;
  /** Of a finished run: the trainer's exit code, its word for why, the last step. */
  readonly exit: { readonly code: number; readonly reason: string; readonly lastStep: number } | null;
  /** When the trainer last said it was alive. */
  readonly heartbeatAt: string | null;
}

/** A piece of `metrics.jsonl`: whole lines only, and where the next piece starts. */
export interface EventPiece {
  readonly text: string;
  readonly nextByte: number;
}

/** Somewhere a lock can be trained. Every call may be repeated: launching twice trains once. */
export interface Host {
  readonly name: string;
  readonly kind: string;
  readonly threads: number;
  readonly usdPerHour: number | null;
  readonly supports: (lock: RecipeLock) => readonly Unsupported[];
  /** The realised packages there, `name==version`; for the manifest. */
  readonly packages: () => Promise<readonly string[]>;
  /** Starts, adopts or resumes the run; returns at once. */
  readonly launch: (job: TrainJob) => Promise<JobState>;
  readonly poll: (runId: string) => Promise<JobState>;
  /** At most 1 MiB of `metrics.jsonl` from `fromByte` on. */
  readonly events: (runId: string, fromByte: number) => Promise<EventPiece>;
  /** Asks the run to leave with a checkpoint; kills it after `graceS` seconds. */
  readonly stop: (runId: string, graceS: number) => Promise<JobState>;
  /** What the trainer said when it ended: its answer and the end of its log. */
  readonly lastWords: (runId: string) => Promise<{ readonly answer: string; readonly log: string }>;
  /** Fetches exactly the files of the run's `artifacts.json` into `folder`, each verified. */
  readonly pull: (runId: string, folder: string) => Promise<readonly FileRef[]>;
}

/** What no trainer of this version can do, whatever the host. */
export function unsupportedByTrainer(lock: RecipeLock): readonly Unsupported[] {
  const value = (key: string): unknown => lock.effective[key];
  const rules: readonly (readonly [field: string, isBad: boolean, why: string])[] = [
    ["method", !["sft", "dpo"].includes(lock.method), "this version trains sft and dpo"],
    ["adapter.type", value("adapter.type") !== "lora", "full tuning has no export yet"],
    ["adapter.quant", value("adapter.quant") !== "none", "the base is not quantised for training yet"],
    ["run.engine", value("run.engine") !== "own", "only our own trainer is there"],
    [
      "export.ollama",
      value("export.ollama") !== null,
      "no Ollama model is written; `serve` speaks its protocol",
    ],
    ["export.vllmAdapter", value("export.vllmAdapter") === true, "no vLLM folder is written yet"],
    [
      "export.gguf",
      JSON.stringify(value("export.gguf")).includes("q4_k_m"),
      "q4_k_m needs llama-quantize; f32, f16, bf16 and q8_0 are written here",
    ],
  ];
  return rules
    .filter(([, isBad]) => isBad)
    .map(([field, , why]) => ({ field, value: JSON.stringify(value(field)), why }));
}
