import { z } from "zod";
import { Digest, FileRef } from "./names.ts";

export const Verdict = z.enum(["go", "no-go", "inconclusive", "invalid"]);
export type Verdict = z.infer<typeof Verdict>;

/**
 * What the gate read of a metric: an interval against a limit, on one scale. `difference` is
 * candidate − baseline, `ratio` candidate/baseline, `contrast` candidate − k·baseline (a relative
 * margin without dividing), `value` the candidate alone. A null end is unbounded.
 */
export const EffectReading = z.looseObject({
  on: z.enum(["difference", "ratio", "contrast", "value"]),
  estimator: z.string(),
  estimate: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  limit: z.number(),
  pAbove: z.number().nullable(),
  pBelow: z.number().nullable(),
});

/** Another test of "no difference", shown beside the rule and never deciding: a two-sided p, or a 95 % interval. */
export const BesideTest = z.looseObject({
  test: z.string(),
  p: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
export type BesideTest = z.infer<typeof BesideTest>;

/** One metric as a policy judged it. `refused` says why there is no number. */
export const MetricEffect = z.looseObject({
  metric: z.string(),
  role: z.enum(["primary", "guardrail", "floor", "slice", "shown"]),
  better: z.enum(["higher", "lower"]),
  estimator: z.string(),
  n: z.number().int(),
  dropped: z.number().int(),
  clusters: z.number().int().nullable(),
  baseline: z.number().nullable(),
  candidate: z.number().nullable(),
  /** candidate − baseline, in the metric's own unit. */
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  level: z.number().nullable(),
  p: z.number().nullable(),
  /** The limit in the metric's unit, oriented as written: the worst difference still accepted. */
  margin: z.number().nullable(),
  passed: z.boolean().nullable(),
  nNeeded: z.number().nullable(),
  refused: z.string().nullable(),
  /** How to print it: `share` in points (×100), `ms`, `usd`, `tokens`, `score` as it is. */
  unit: z.enum(["share", "ms", "usd", "tokens", "score"]),
  /** One-sided; null where the policy does not judge this metric. */
  alpha: z.number().nullable(),
  /** The rule in words: "not worse than −5 points", "at most 2000 ms"; null for shown metrics. */
  rule: z.string().nullable(),
  /** What decides whether the rule is met, and what decides whether harm is shown. */
  reading: EffectReading.nullable(),
  harmReading: EffectReading.nullable(),
  /** Total n after which the rule decides with the planned power, if the effect is as planned, or stays as seen. */
  nNeededAsPlanned: z.number().nullable(),
  nNeededAsSeen: z.number().nullable(),
  /** `name = value` for slices, else null; and the slice's corrected p. */
  slice: z.string().nullable(),
  pAdjusted: z.number().nullable(),
  /** Only for the policy's own rules. */
  beside: z.array(BesideTest).optional(),
});
export type MetricEffect = z.infer<typeof MetricEffect>;

/** A check on the comparison itself. `code` is the reason it gives when it fails. */
export const HealthCheck = z.looseObject({
  check: z.string(),
  passed: z.boolean(),
  detail: z.string(),
  code: z.string(),
  /** What a failure makes of the verdict: unreadable, or not enough. */
  severity: z.enum(["invalid", "inconclusive"]),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

const usd = z.number().nullable();

/** One arm's cost; null is "not known", never 0. Judge calls are apart. */
export const ArmCost = z.looseObject({
  requests: z.number().int(),
  pricedRequests: z.number().int(),
  totalUsd: usd,
  usdPerThousand: usd,
  successes: z.number().int().nullable(),
  usdPerSuccess: usd,
  /** Mean cost + (1 − success)·rework. */
  allInUsdPerTask: usd,
  judgeUsd: usd,
});
export type ArmCost = z.infer<typeof ArmCost>;

/** The cost card of a decision. */
export const CostCard = z.looseObject({
  baseline: ArmCost,
  candidate: ArmCost,
  reworkUsd: usd,
  training: z.looseObject({ usd, seconds: z.number().nullable() }).nullable(),
  /** Requests after which the training cost is earned back; "never" when nothing is saved. */
  breakEvenRequests: z.union([z.number(), z.literal("never")]).nullable(),
  pricesSha256: z.string().nullable(),
  notes: z.array(z.string()),
});
export type CostCard = z.infer<typeof CostCard>;

/** `runs/<id>/result.json` of a decision: `computed` can be recomputed to the last bit, `envelope` cannot. */
export const Decision = z.looseObject({
  schema: z.literal("workbench/decision@1"),
  /** SHA-256 of canonical `computed`. */
  id: Digest,
  computed: z.looseObject({
    question: z.string(),
    policy: z.looseObject({ name: z.string(), sha256: Digest }),
    evidence: z.array(FileRef.extend({ role: z.string(), rows: z.number().int() })),
    baseline: z.looseObject({
      arm: z.string(),
      model: z.string(),
      digest: Digest,
      run: z.string().nullable(),
    }),
    candidate: z.looseObject({
      arm: z.string(),
      model: z.string(),
      digest: Digest,
      run: z.string().nullable(),
    }),
    suite: z.string(),
    health: z.array(HealthCheck),
    effects: z.array(MetricEffect),
    slices: z.array(z.looseObject({ slice: z.string(), effects: z.array(MetricEffect) })),
    /** The flip ledger: every pair the candidate lost or won on the primary metric. */
    flips: z.looseObject({
      fixed: z.number().int(),
      broken: z.number().int(),
      bothRight: z.number().int(),
      bothWrong: z.number().int(),
      worst: z.array(z.looseObject({ sampleId: Digest, delta: z.number() })),
    }),
    cost: CostCard,
    seed: z.number().int(),
    verdict: Verdict,
    reasons: z.array(z.string()),
    sentence: z.string(),
    flip: z.array(z.string()),
  }),
  envelope: z.looseObject({
    at: z.string(),
    by: z.string(),
    node: z.string(),
    commit: z.string().nullable(),
    logHead: z.string().nullable(),
  }),
});
export type Decision = z.infer<typeof Decision>;
