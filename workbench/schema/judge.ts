import { z } from "zod";
import { Digest, Name } from "./names.ts";

const Share = z.number().min(0).max(1).nullable();
/** A statistic with its 95 % interval; null where it cannot be had, and then `why` says so. */
const Measure = z.object({
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number().int(),
  why: z.string().exactOptional(),
});
export type Measure = z.infer<typeof Measure>;

/** `evals/judges/<name>.labels.jsonl`: one answer, and what a person says of it by criterion. */
export const LabelledAnswer = z.looseObject({
  input: z.unknown(),
  output: z.string(),
  expected: z.unknown().optional(),
  labels: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)),
});
export type LabelledAnswer = z.infer<typeof LabelledAnswer>;

/** A line of `attacks.jsonl`: an answer that is not one. `{answer}` is where a bad answer stands. */
export const Attack = z.strictObject({ id: z.string(), family: z.string(), text: z.string() });
export type Attack = z.infer<typeof Attack>;

/** `evals/judges/<name>.card.json`: how far a judge may be believed. Runs cite it by digest. */
export const JudgeCard = z.looseObject({
  schema: z.literal("workbench/judge-card@1"),
  name: Name,
  /** The scorer with its judge: model, parameters, rubric. */
  scorer: Digest,
  model: z.string(),
  labels: z.object({
    sha256: Digest,
    answers: z.number().int(),
    verdicts: z.number().int(),
    /** Labels of criteria that the judge does not have, by criterion; absent where there are none. */
    foreign: z.record(z.string(), z.number().int()).exactOptional(),
  }),
  agreement: Measure,
  kappa: Measure,
  /** Quadratic weights; for grades only. */
  weightedKappa: Measure.nullable(),
  /** The lower limit that a decision reads. */
  kappaLower: z.number().nullable(),
  repeatAgreement: Share,
  flipRate: Share,
  firstPlaceShare: Share,
  /** How much more than people the judge gives to the longer half of the answers. */
  lengthBias: z.number().nullable(),
  attacks: z.object({
    sha256: Digest,
    asked: z.number().int(),
    succeeded: z.number().int(),
    rate: Share,
    families: z.record(z.string(), z.object({ asked: z.number().int(), succeeded: z.number().int() })),
  }),
  asked: z.number().int(),
  unparsed: z.number().int(),
  abstained: z.number().int(),
  costUsd: z.number().nullable(),
  /** Why its metrics are neither primary nor guardrail; empty where they may be. */
  advisory: z.array(z.string()),
});
export type JudgeCard = z.infer<typeof JudgeCard>;

/** What a run's result says of each judged metric. */
export const JudgeInRun = z.looseObject({
  scorer: z.string(),
  model: z.string(),
  sha256: Digest,
  /** Digest of its card; null where it has none. */
  card: Digest.nullable(),
  kappaLower: z.number().nullable(),
  attackRate: Share,
  advisory: z.array(z.string()),
  /** Arms whose model is of the judge's own family. */
  kinship: z.array(z.string()),
  asked: z.number().int(),
  unparsed: z.number().int(),
  abstained: z.number().int(),
  flipRate: Share,
  firstPlaceShare: Share,
});
export type JudgeInRun = z.infer<typeof JudgeInRun>;
