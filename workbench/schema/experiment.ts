import { z } from "zod";
import { Digest, Instant, Name } from "./names.ts";
import { Policy } from "./policy.ts";

export const Arm = z.enum(["baseline", "candidate"]);
export type Arm = z.infer<typeof Arm>;

/** What an experiment calls an arm, and the training run behind it where there is one. */
const ExperimentArm = z.strictObject({
  model: z.string().min(1),
  digest: Digest,
  run: z.string().nullable(),
});

/**
 * `evals/experiments/<name>.json`: an experiment on live traffic, with its rules inside. Written once;
 * the log's `experiment.created` row pins its digest.
 */
export const Experiment = z.strictObject({
  schema: z.literal("workbench/experiment@1"),
  name: Name,
  policy: Policy,
  policySha256: Digest,
  /** Of both hashes; one experiment, one salt. */
  salt: z.string().min(1),
  baseline: ExperimentArm,
  candidate: ExperimentArm,
  /** The offline go that opened it, where the policy asks for both. */
  offline: z.strictObject({ run: z.string(), record: Digest }).nullable(),
  createdAt: Instant,
  /** Exposures before this instant are not this experiment's. */
  startsAt: Instant,
});
export type Experiment = z.infer<typeof Experiment>;

const sliceValue = z.string().max(200);

/**
 * One line of an exposure log: what a unit was shown, written when it was decided. `unit` is what the
 * application randomised by; it is stored as a pseudonym.
 */
export const ExposureLine = z.looseObject({
  schema: z.literal("workbench/exposure@1").default("workbench/exposure@1"),
  experiment: Name,
  unit: z.string().min(1).max(512),
  arm: Arm,
  bucket: z.number().int().min(0).max(9999).nullable().default(null),
  /** Per cent of all traffic on the candidate at this time. */
  stage: z.number().gt(0).max(100),
  at: Instant,
  policySha256: Digest.nullable().default(null),
  alias: z.string().max(200).nullable().default(null),
  /** The candidate could not answer and the baseline did: the unit stays in its arm. */
  fallback: z.boolean().default(false),
  /** What was known of the unit before it was exposed: language, tenant. */
  slices: z.record(z.string().max(60), sliceValue).default({}),
});
export type ExposureLine = z.infer<typeof ExposureLine>;

/** Why a line of an exposure log was not stored. */
export const ExposureFlaw = z.enum([
  "utf8_invalid",
  "too_long",
  "json_invalid",
  "wrong_shape",
  "unit_malformed",
]);
export type ExposureFlaw = z.infer<typeof ExposureFlaw>;

/** `.workbench/exposures/<id>/manifest.json`, written last. read = stored + quarantined; blank lines beside. */
export const ExposureManifest = z.looseObject({
  schema: z.literal("workbench/exposures@1"),
  id: z.string(),
  source: z.looseObject({ name: z.string(), sha256: Digest, bytes: z.number().int() }),
  keyId: z.string(),
  counts: z.object({
    read: z.number().int(),
    stored: z.number().int(),
    quarantined: z.number().int(),
    blank: z.number().int(),
  }),
  files: z.array(z.looseObject({ path: z.string(), sha256: Digest, bytes: z.number().int() })),
  at: Instant,
});
export type ExposureManifest = z.infer<typeof ExposureManifest>;

/** What `look.taken` says: which look at an experiment, at how much information, until when. */
export const LookData = z.looseObject({
  experiment: Name,
  look: z.number().int().positive(),
  /** Units in the smaller arm. */
  units: z.number().int().nonnegative(),
  /** Share of the error spent up to this look. */
  spent: z.number().min(0).max(1),
  isFinal: z.boolean(),
  until: Instant,
  /** Digest of the evidence files: the same evidence again is the same look. */
  evidence: Digest,
});
export type LookData = z.infer<typeof LookData>;

/** What `rollout.stage` says. The state of a ramp is the fold of these rows. */
export const RolloutData = z.looseObject({
  experiment: Name,
  move: z.enum(["start", "advance", "hold", "check", "back", "stop", "complete"]),
  /** Per cent of all traffic on the candidate from now on. */
  percent: z.number().min(0).max(100),
  reason: z.string(),
  record: Digest.nullable(),
});
export type RolloutData = z.infer<typeof RolloutData>;
