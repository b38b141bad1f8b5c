import { z } from "zod";
import { JudgeInRun } from "./judge.ts";
import { Digest, FileRef, Instant } from "./names.ts";

export const RunKind = z.enum(["train", "eval", "decision", "experiment", "cycle", "reliability"]);
export type RunKind = z.infer<typeof RunKind>;

/**
 * `runs/<id>/manifest.json`: written once, before any work. `inputs` is all that the outcome depends
 * on, by digest; the id is derived from it. `at`, `host` and `tools` are what was true at the start.
 */
export const RunManifest = z.looseObject({
  schema: z.literal("workbench/run@1"),
  id: z.string(),
  kind: RunKind,
  /** The question that joins runs. */
  experiment: z.string().nullable(),
  name: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  inputsSha256: Digest,
  seed: z.number().int(),
  at: Instant,
  host: z.looseObject({ os: z.string(), cpus: z.number().int(), node: z.string() }),
  code: z.looseObject({ commit: z.string().nullable(), dirty: z.boolean().nullable() }),
});
export type RunManifest = z.infer<typeof RunManifest>;

/** A line of `events.jsonl`. The key makes a repeat a no-op. */
export const JournalLine = z.looseObject({
  seq: z.number().int().nonnegative(),
  at: Instant,
  kind: z.string(),
  key: z.string(),
  data: z.unknown(),
});
export type JournalLine = z.infer<typeof JournalLine>;

export const Score = z.object({
  /** null means unscored, and then `reason` says why; never 0 for "missing". */
  value: z.number().nullable(),
  reason: z.string().optional(),
  evidence: z.unknown().optional(),
});
export type Score = z.infer<typeof Score>;

/** A line of an eval run's `samples.jsonl`: one sample in one arm in one epoch. */
export const SampleRow = z.looseObject({
  sampleId: Digest,
  label: z.string(),
  arm: z.string(),
  epoch: z.number().int().positive(),
  status: z.enum(["scored", "failed", "contaminated"]),
  input: z.unknown(),
  expected: z.unknown(),
  output: z.string().nullable(),
  scores: z.record(z.string(), Score),
  success: z.boolean().nullable(),
  latencyMs: z.number().nullable(),
  ttftMs: z.number().nullable(),
  inputTokens: z.number().int().nullable(),
  cachedTokens: z.number().int().nullable(),
  outputTokens: z.number().int().nullable(),
  costUsd: z.number().nullable(),
  judgeCostUsd: z.number().nullable(),
  servedModel: z.string().nullable(),
  finishReason: z.string().nullable(),
  slices: z.record(z.string(), z.string()),
  cluster: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type SampleRow = z.infer<typeof SampleRow>;

/** An arm as an eval run's manifest and result name it. */
export const ArmRef = z.looseObject({
  /** baseline, or the candidate's name. */
  arm: z.string(),
  /** The name in workbench.config.yaml, or `recorded:<file>`. */
  model: z.string(),
  /** What the answer depends on: endpoint kind, model, adapter digest, parameters. */
  digest: Digest,
  /** The training run this arm's weights came from, when known. */
  run: z.string().nullable(),
  prices: z.unknown(),
});
export type ArmRef = z.infer<typeof ArmRef>;

/** `runs/<id>/result.json` of an eval run. Every figure is a query over samples.jsonl. */
export const EvalResult = z.looseObject({
  schema: z.literal("workbench/eval-result@1"),
  run: z.string(),
  suite: z.looseObject({
    name: z.string(),
    sha256: Digest,
    primary: z.string(),
    slices: z.array(z.string()),
  }),
  arms: z.array(ArmRef),
  scorers: z.array(z.looseObject({ name: z.string(), sha256: Digest })),
  /** What was found of the models that scored; absent where none did. */
  judges: z.array(JudgeInRun).exactOptional(),
  /** Answers whose judge the budget left unasked; absent where there are none. */
  notJudged: z.looseObject({ answers: z.number().int(), reason: z.string() }).exactOptional(),
  planned: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  notRun: z.number().int(),
  reason: z.string().nullable(),
  /** Whether the arms were asked the same and answered all of it; absent where one arm ran. */
  pairing: z
    .looseObject({ complete: z.number().int(), planned: z.number().int(), promptsDiffer: z.number().int() })
    .exactOptional(),
  /** arm → metric → value; null is "not measured". */
  metrics: z.record(z.string(), z.record(z.string(), z.number().nullable())),
  files: z.array(FileRef),
});
export type EvalResult = z.infer<typeof EvalResult>;

/** `runs/<id>/result.json` of a training run. */
export const TrainResult = z.looseObject({
  schema: z.literal("workbench/train-result@1"),
  run: z.string(),
  recipe: z.string(),
  method: z.string(),
  lockSha256: Digest,
  dataset: z.looseObject({ name: z.string(), digest: Digest }),
  /** The training run it started from, or null for the base. */
  start: z.string().nullable(),
  base: z.looseObject({ model: z.string(), sha256: Digest }),
  steps: z.number().int(),
  seconds: z.number(),
  costUsd: z.number().nullable(),
  metrics: z.record(z.string(), z.number().nullable()),
  /** What can be served: GGUF of base, adapter, merged model. */
  artifacts: z.array(FileRef),
  /** P1–P3 of the export parity check; an artifact without it gets no alias. */
  parity: z
    .looseObject({
      passed: z.boolean(),
      checks: z.array(z.looseObject({ name: z.string(), passed: z.boolean(), detail: z.string() })),
    })
    .nullable(),
});
export type TrainResult = z.infer<typeof TrainResult>;
