import { z } from "zod";
import { Name } from "./names.ts";

const positive = z.number().positive();
const count = z.number().int().positive();
const orZero = z.number().int().nonnegative();

export const Method = z.enum(["sft", "dpo", "reward", "distill", "grpo", "ppo"]);
export type Method = z.infer<typeof Method>;

export const Preset = z.enum(["none", "bruno", "freya", "aqe", "unified"]);
export type Preset = z.infer<typeof Preset>;

/** A hub id (`Qwen/Qwen3-8B`), a base of this project (`bases/<name>`) or a registered model. */
export const BaseModel = z
  .string()
  .regex(
    /^(bases\/[a-z0-9][a-z0-9-]{0,62}|model:[a-z0-9][a-z0-9-]{0,62}@[a-z0-9][a-z0-9.-]{0,30}|[A-Za-z0-9][A-Za-z0-9_-]{0,95}\/[A-Za-z0-9][A-Za-z0-9._-]{0,95})$/,
    "a base is bases/<name>, <organisation>/<model> or model:<name>@<version>",
  );

/** `base`, a finished run, or the newest finished run of a recipe. */
export const Start = z
  .string()
  .regex(
    /^(base|run:[0-9a-f]{12}(-r[1-9][0-9]{0,3})?|recipe:[a-z0-9][a-z0-9-]{0,62})$/,
    "start is base, run:<id> or recipe:<name>",
  );

/** A dataset by name and version: `tickets@latest` or `tickets@<12 to 64 hex digits>`. */
export const DatasetRef = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}@(latest|[0-9a-f]{12,64})$/,
    "a dataset is <name>@latest or <name>@<digest>",
  );

export const Gguf = z.enum(["f32", "f16", "bf16", "q8_0", "q4_k_m"]);
export type Gguf = z.infer<typeof Gguf>;

const Base = z.strictObject({
  model: BaseModel,
  revision: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "a revision is a branch, a tag or 40 hex digits")
    .optional(),
  dtype: z.enum(["f32", "bf16", "f16"]).optional(),
  attention: z.enum(["sdpa", "eager"]).optional(),
});

const Data = z.strictObject({
  dataset: DatasetRef,
  train: z.enum(["train", "val"]).optional(),
  /** The test split is never offered: it does not reach a trainer. `none` = no validation. */
  eval: z.enum(["val", "train", "none"]).optional(),
  template: z.literal("base").optional(),
  lossOn: z.enum(["assistant", "last"]).optional(),
  overlength: z.enum(["error", "drop", "trimTurns"]).optional(),
});

const Module = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "a module is named like q_proj");
const Adapter = z.strictObject({
  type: z.enum(["lora", "full"]).optional(),
  r: count.max(1024).optional(),
  alpha: positive.optional(),
  dropout: z.number().min(0).max(0.9).optional(),
  targets: z.union([z.enum(["attention", "all-linear"]), z.array(Module).min(1)]).optional(),
  quant: z.enum(["none", "nf4"]).optional(),
});

const Warmup = z.union(
  [z.strictObject({ steps: orZero }), z.strictObject({ ratio: z.number().min(0).max(0.5) })],
  { error: "warmup is {steps: <whole number>} or {ratio: <0 to 0.5>}, one of them" },
);
const Optim = z.strictObject({
  lr: positive.max(1).optional(),
  epochs: count.max(1000).optional(),
  batch: count.max(65536).optional(),
  gradAccum: count.max(65536).optional(),
  warmup: Warmup.optional(),
  schedule: z.enum(["constant", "linear", "cosine"]).optional(),
  weightDecay: z.number().min(0).max(1).optional(),
  /** Largest gradient norm; null switches clipping off. */
  clip: positive.nullable().optional(),
});

const Run = z.strictObject({
  seed: orZero.max(2 ** 31 - 1).optional(),
  deterministic: z.literal("auto").optional(),
  engine: z.enum(["own", "trl", "axolotl"]).optional(),
  experimental: z.boolean().optional(),
  saveEverySteps: count.optional(),
  keep: count.max(1000).optional(),
  evalEverySteps: orZero.optional(),
  sampleEverySteps: orZero.optional(),
  samplePrompts: orZero.max(64).optional(),
  /** null switches it off: then the last step is exported, not the best. */
  earlyStop: z
    .strictObject({
      metric: z.literal("evalLoss").optional(),
      patience: count.optional(),
      minDelta: z.number().min(0).optional(),
    })
    .nullable()
    .optional(),
  budget: z.strictObject({ usd: positive.optional(), hours: positive.optional() }).optional(),
});

const Export = z.strictObject({
  merge: z.enum(["f32", "bf16", "f16"]).optional(),
  gguf: z.array(Gguf).min(1).optional(),
  ollama: Name.optional(),
  vllmAdapter: z.boolean().optional(),
  parity: z
    .strictObject({
      tokenIds: z.literal("exact").optional(),
      greedyMatch: z.number().min(0).max(1).optional(),
    })
    .optional(),
});

/** What each method adds; at most the block of the recipe's own method may be written. */
const Blocks = {
  dpo: z.strictObject({
    beta: positive.optional(),
    reference: z.literal("start").optional(),
    nllAnchor: z.number().min(0).optional(),
  }),
  reward: z.strictObject({
    loss: z.literal("bradley-terry").optional(),
    margin: z.literal("none").optional(),
    centre: z.number().min(0).optional(),
  }),
  distill: z.strictObject({
    mode: z.enum(["sequence", "logits"]).optional(),
    teacher: z
      .string()
      .regex(/^model:[a-z0-9][a-z0-9-]{0,62}@[a-z0-9][a-z0-9.-]{0,30}$/, "model:<name>@<version>"),
    alpha: z.number().min(0.5).max(0.9).optional(),
    temperature: positive.optional(),
    topK: count.max(1024).optional(),
  }),
  grpo: z.strictObject({
    group: count.optional(),
    klBeta: z.number().min(0).optional(),
    clip: positive.optional(),
    reward: z
      .string()
      .regex(/^(trajectory|run:[0-9a-f]{12})$/, "a built-in reward or run:<id>")
      .optional(),
  }),
};

/** `recipes/<name>.yaml`: what to learn. Data only: no path, code, host, credential or template language. */
export const Recipe = z.strictObject({
  schema: z.literal("workbench/recipe@1"),
  recipe: Name,
  preset: Preset.default("none"),
  method: Method,
  base: Base,
  start: Start.default("base"),
  data: Data,
  adapter: Adapter.prefault({}),
  optim: Optim.prefault({}),
  length: z
    .strictObject({
      max: count.min(2).optional(),
      maxPrompt: count.optional(),
      packing: z.boolean().optional(),
    })
    .prefault({}),
  run: Run.prefault({}),
  export: Export.prefault({}),
  /** Why a dataset below the recommended size is trained on all the same. */
  allowSmall: z.string().min(10, "say the reason, in ten letters or more").max(500).optional(),
  dpo: Blocks.dpo.optional(),
  reward: Blocks.reward.optional(),
  distill: Blocks.distill.optional(),
  grpo: Blocks.grpo.optional(),
  ppo: Blocks.grpo.optional(),
});
export type Recipe = z.infer<typeof Recipe>;
