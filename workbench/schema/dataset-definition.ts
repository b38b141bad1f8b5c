import { z } from "zod";
import { Instant } from "./names.ts";

const share = z.number().min(0).max(1);
const weight = z.number().min(0).max(10);
const words = z.array(z.string()).default([]);
const range = z.strictObject({ min: z.number().optional(), max: z.number().optional() });

/** Which interactions a dataset is made from. A row enters if it passes every list that is not empty. */
export const Source = z.strictObject({
  /** Labels that logs were ingested under. */
  labels: words,
  imports: words,
  agents: words,
  arms: words,
  /** Kept if the row has at least one of them. */
  tags: words,
  taskTypes: words,
  models: words,
  /** Start time of the interaction: `from` inclusive, `to` exclusive. */
  from: Instant.optional(),
  to: Instant.optional(),
});
export type Source = z.infer<typeof Source>;

/** C1: clamp(Σ weight · component, 0, 1). */
export const ScoreSettings = z.strictObject({
  explicit: weight.default(0.4),
  implicit: weight.default(0.3),
  length: weight.default(0.15),
  context: weight.default(0.15),
  /** The response length in words that earns the `length` component. */
  words: z.tuple([z.number().int(), z.number().int()]).default([50, 500]),
  /** No feedback is a null component: `zero` counts it as 0, `reweight` shares its weight among the others. */
  missing: z.enum(["zero", "reweight"]).default("zero"),
  /** The explicit component of a text that a person wrote as a correction. */
  correction: z.number().min(-1).max(1).default(1),
});
export type ScoreSettings = z.infer<typeof ScoreSettings>;

/** C2. A setting left out (or null) is a filter that does not run. */
export const FilterSettings = z.strictObject({
  /** Rows must score above this. Default 0.5 for sft; null for preference, whose rejected answers are bad. */
  scoreAbove: share.nullable().optional(),
  /** Length of the answer, in words, or in the target model's tokens when `tokenizer` names its file. */
  response: z
    .strictObject({ min: z.number().int(), max: z.number().int(), tokenizer: z.string().optional() })
    .nullable()
    .prefault({ min: 10, max: 1000 }),
  /** A second pass of redaction over prompt and answer finds nothing. */
  noPii: z.boolean().default(true),
  noHallucination: z.boolean().default(false),
  /** On the scale 1–5; a row without a rating is removed. */
  minRating: z.number().min(1).max(5).optional(),
  minQuality: share.optional(),
  /** Numeric members of the row's metadata, for instance `confidence: {min: 0.8}`. */
  metadata: z.record(z.string(), range).default({}),
  /** Words that no kept text may hold (toxicity by list), whole words, any case. */
  bannedWords: words,
});
export type FilterSettings = z.infer<typeof FilterSettings>;

/** Narrows the rows that are left, for slices and deliberate biases. Lists are alternatives. */
export const WhereSettings = z.strictObject({
  taskTypes: words,
  tags: words,
  agents: words,
  /** Members of the target (sft) or chosen answer (preference), read as JSON: `{queue: [billing, login]}`. */
  answer: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)).default({}),
  /** preference: the JSON members in which chosen and rejected may differ, for instance `[priority]`. */
  differsOnlyIn: words,
});
export type WhereSettings = z.infer<typeof WhereSettings>;

export const NearDedupSettings = z.strictObject({
  shingleWords: z.number().int().min(1).max(20).default(5),
  /** Shorter texts are only compared exactly. */
  minWords: z.number().int().min(1).default(20),
  bands: z.number().int().min(1).max(64).default(16),
  rowsPerBand: z.number().int().min(1).max(16).default(8),
  jaccard: z.number().gt(0).max(1).default(0.8),
});
export type NearDedupSettings = z.infer<typeof NearDedupSettings>;

export const DedupSettings = z.strictObject({
  exact: z.boolean().default(true),
  near: NearDedupSettings.nullable().prefault({}),
});

/** C5: which texts a training row may not repeat, and how a repeat is told from a template. */
export const DecontaminateSettings = z.strictObject({
  /** JSON Lines files of the project, `*` and `**` allowed. */
  against: z.array(z.string()).default(["evals/**/*.jsonl"]),
  /** [shorter than this many words, n]: the first that fits; longer samples use `ngram`. */
  ngram: z.number().int().min(1).default(13),
  shortNgrams: z.array(z.tuple([z.number().int(), z.number().int()])).default([
    [15, 5],
    [40, 8],
  ]),
  /** An n-gram in at least this many samples of a suite is its template. */
  templateSamples: z.number().int().min(2).default(3),
  /** … and so is one in more than this share of the rows (and in at least two of them). */
  templateTrainShare: share.default(0.001),
  /** Flagged: this share of the sample's unmasked n-grams … */
  overlap: share.default(0.5),
  /** … being at least this many n-grams, or the whole sample … */
  minGrams: z.number().int().min(1).default(3),
  /** … or a run of this many words. */
  runWords: z.number().int().min(1).default(20),
});
export type DecontaminateSettings = z.infer<typeof DecontaminateSettings>;

/** C7. */
export const PairSettings = z.strictObject({
  from: z.array(z.enum(["correction", "rated", "reward"])).default(["correction", "rated"]),
  /** `rated`: chosen scores at least `good`, rejected at most `bad`. */
  good: share.default(0.7),
  bad: share.default(0.5),
  /** `reward`: chosen above, rejected below. */
  rewardAbove: z.number().default(5),
  rewardBelow: z.number().default(0),
  minMargin: z.number().min(0).default(0.2),
  maxPerPrompt: z.number().int().min(1).default(3),
  /** Share of all pairs that one user may give; null for no cap. At least one pair is always allowed. */
  maxUserShare: share.nullable().default(0.005),
});
export type PairSettings = z.infer<typeof PairSettings>;

/** C4. `equal`, or shares by stratum (they are normalised; a stratum not named gets none). */
export const BalanceSettings = z.strictObject({
  by: z.enum(["taskType", "agent", "arm", "answer"]).default("taskType"),
  /** With `by: answer`: the JSON member of the answer that names the stratum. */
  member: z.string().optional(),
  shares: z.union([z.literal("equal"), z.record(z.string(), z.number().positive())]).default("equal"),
  /** Rows wanted in all; default: as many as the scarcest stratum allows. */
  total: z.number().int().positive().optional(),
  /** At most this many rows of one stratum. */
  cap: z.number().int().positive().optional(),
});
export type BalanceSettings = z.infer<typeof BalanceSettings>;

export const SplitSettings = z.strictObject({
  train: share.default(0.8),
  val: share.default(0.1),
  test: share.default(0.1),
  /** What may never stand on two sides. `cluster`: equal prompts, exact and near duplicates. */
  groupBy: z.array(z.enum(["conversation", "user", "cluster"])).default(["conversation", "user", "cluster"]),
  /** A component over this share of the rows stops the build. */
  maxComponent: share.default(0.1),
});
export type SplitSettings = z.infer<typeof SplitSettings>;

/**
 * `datasets/<name>.dataset.yaml`: how rows are chosen. Every number has a default, and the
 * definition with its defaults filled in is part of a version's digest.
 */
export const DatasetDefinition = z
  .strictObject({
    schema: z.literal("workbench/dataset-definition@1"),
    kind: z.enum(["sft", "preference"]),
    /** For the card: what it is for, and under which terms its rows may be used. */
    purpose: z.string().default(""),
    licence: z.string().default(""),
    seed: z.number().int().default(7),
    sources: z.array(Source.prefault({})).min(1),
    /** sft: which text of an interaction becomes the answer to learn. */
    target: z
      .enum(["corrected-or-accepted", "corrected", "accepted", "original"])
      .default("corrected-or-accepted"),
    score: ScoreSettings.prefault({}),
    filters: FilterSettings.prefault({}),
    dedup: DedupSettings.prefault({}),
    decontaminate: DecontaminateSettings.nullable().prefault({}),
    where: WhereSettings.prefault({}),
    pairs: PairSettings.prefault({}),
    balance: BalanceSettings.nullable().default(null),
    split: SplitSettings.prefault({}),
  })
  .refine(({ split }) => Math.abs(split.train + split.val + split.test - 1) < 1e-9, {
    message: "train, val and test must add up to 1",
    path: ["split"],
  });
export type DatasetDefinition = z.infer<typeof DatasetDefinition>;
