import { z } from "zod";
import { Digest, FileRef } from "./names.ts";

export const Verdict = z.enum(["go", "no-go", "inconclusive", "invalid"]);
export type Verdict = z.infer<typeof Verdict>;

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
});
export type MetricEffect = z.infer<typeof MetricEffect>;

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
    health: z.array(z.looseObject({ check: z.string(), passed: z.boolean(), detail: z.string() })),
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
    cost: z.looseObject({}),
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
