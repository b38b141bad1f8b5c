import { z } from "zod";
import { Name } from "./names.ts";

const alpha = z.number().gt(0).lt(0.5);

/** A distance to the baseline: positive, `relative` to it or in `points` (the metric's own unit). */
export const Margin = z
  .strictObject({
    relative: z.number().nonnegative().lt(10).optional(),
    points: z.number().nonnegative().optional(),
  })
  .refine((margin) => (margin.relative === undefined) !== (margin.points === undefined), {
    message: "write either relative or points",
  });
export type Margin = z.infer<typeof Margin>;

/** `success`, a scorer's name, `errorRate`, `costUsd`, `inputTokens`, `latencyMs.p95`, … */
const Metric = z
  .string()
  .regex(
    /^[A-Za-z][\w-]*(\.p\d{1,2}(\.\d)?)?$/,
    "a metric is a scorer's name, or one of success, errorRate, costUsd, inputTokens, outputTokens, latencyMs.p95",
  );

const rule = {
  metric: Metric,
  better: z.enum(["higher", "lower"]).default("higher"),
  /** The worst change that is still accepted. */
  margin: Margin.default({ points: 0 }),
  /** The improvement that is demanded; replaces the margin. */
  by: Margin.optional(),
  /** Where harm begins, if not at the margin: beyond this the verdict is no-go. */
  harm: Margin.optional(),
};

const isZero = (margin: Margin): boolean => (margin.relative ?? margin.points) === 0;

export const PrimaryRule = z
  .strictObject({ ...rule, alpha: alpha.default(0.025), claim: z.enum(["superior", "non-inferior"]) })
  .refine((it) => it.claim !== "superior" || isZero(it.margin), {
    path: ["margin"],
    message: "a superior claim has no margin (use by: to demand a distance)",
  })
  .refine((it) => it.claim !== "non-inferior" || (!isZero(it.margin) && it.by === undefined), {
    path: ["margin"],
    message: "a non-inferior claim needs a margin above 0: equality cannot be proven",
  });
export type PrimaryRule = z.infer<typeof PrimaryRule>;

export const GuardrailRule = z.strictObject({
  ...rule,
  alpha: alpha.default(0.05),
  /** Share of pairs expected to differ on this metric, for planning; default planning.discordance. */
  discordance: z.number().gt(0).max(1).optional(),
  /** For a judged metric: the least lower bound of the judge's κ against people. */
  judge: z.strictObject({ minKappa: z.number().min(0).max(1) }).optional(),
});
export type GuardrailRule = z.infer<typeof GuardrailRule>;

/** An absolute target for the candidate alone, judged by its interval. */
export const FloorRule = z
  .strictObject({
    metric: Metric,
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    alpha: alpha.default(0.05),
  })
  .refine((floor) => (floor.atLeast === undefined) !== (floor.atMost === undefined), {
    message: "write either atLeast or atMost",
  });
export type FloorRule = z.infer<typeof FloorRule>;

const Online = z
  .strictObject({
    required: z.boolean().default(false),
    /** What is randomised, and so what is analysed. */
    unit: z.string().default("user"),
    salt: z.string().optional(),
    /** Shares of baseline and candidate among the units of a test. */
    split: z
      .tuple([z.number().gt(0).lt(1), z.number().gt(0).lt(1)])
      .refine(([a, b]) => Math.abs(a + b - 1) < 1e-9, { message: "the two shares must sum to 1" })
      .default([0.5, 0.5]),
    /** Units in the smaller arm before which nothing is a go. */
    minUnits: z.number().int().positive().default(1000),
    /** Units in the smaller arm at the last planned look. Null: minUnits. */
    maxUnits: z.number().int().positive().nullable().default(null),
    minDays: z.number().positive().default(7),
    /** Days before a unit's first exposure that may sharpen its result (CUPED); 0 for none. */
    prePeriodDays: z.number().nonnegative().default(14),
  })
  .refine((it) => it.maxUnits === null || it.maxUnits >= it.minUnits, {
    path: ["maxUnits"],
    message: "the last look cannot come before minUnits",
  });

/** What a stage of the ladder must show before the next one. */
export const StageCheck = z.enum([
  "no_regressions",
  "positive_trend",
  "significant_improvement",
  "final_validation",
]);
export type StageCheck = z.infer<typeof StageCheck>;

const Rollout = z.strictObject({
  /** Per cent of all traffic on the candidate, rising. */
  ladder: z
    .array(z.number().gt(0).max(100))
    .min(1)
    .refine((steps) => steps.every((step, i) => step > (steps[i - 1] ?? 0)), {
      message: "the steps must rise",
    })
    .default([10, 25, 50, 100]),
  /** Begin with a stage at 0 % in which the candidate answers beside the baseline, unseen. */
  shadow: z.boolean().default(false),
  /** One per step. Null: by their place, so that the last test stage asks for the verdict. */
  checks: z.array(StageCheck).nullable().default(null),
  hoursPerStage: z.number().positive().default(24),
  /** Errors and time-outs that the candidate may have in a window, as a share. */
  errorCeiling: z.number().gt(0).lt(1).default(0.05),
  /** How far a trigger steps back, in points of traffic. Null: to the baseline, wholly. */
  stepBackPoints: z.number().gt(0).nullable().default(null),
  /** Metrics whose shown harm rolls back. Null: the primary and the guardrails, each at its margin. */
  triggers: z
    .array(z.strictObject({ metric: Metric, better: z.enum(["higher", "lower"]), margin: Margin }))
    .nullable()
    .default(null),
  watch: z
    .strictObject({
      checks: z.number().int().positive().default(12),
      everyMinutes: z.number().positive().default(10),
    })
    .prefault({}),
});

/** `evals/policies/<name>.yaml`: the rules of a promotion, declared before the data. */
export const Policy = z.strictObject({
  schema: z.literal("workbench/policy@1"),
  name: Name,
  question: z.string().min(1),
  offline: z
    .strictObject({
      unit: z.literal("sample").default("sample"),
      pairBy: z.literal("sampleId").default("sampleId"),
      /** `auto` uses the suite's clusters where rows have them. */
      clusterBy: z.string().default("auto"),
    })
    .prefault({}),
  online: Online.prefault({}),
  primary: PrimaryRule,
  guardrails: z.array(GuardrailRule).default([]),
  floors: z.array(FloorRule).default([]),
  planning: z
    .strictObject({
      power: z.number().gt(0).lt(1).default(0.9),
      baseline: z.number().nullable().default(null),
      /** Null: for non-inferiority 0, for superiority what is seen. */
      effect: z.number().nullable().default(null),
      discordance: z.number().gt(0).max(1).default(0.2),
      icc: z.number().min(0).max(1).default(0),
    })
    .prefault({}),
  looks: z
    .strictObject({
      plan: z.enum(["fixed", "group-sequential", "confidence-sequence", "hybrid"]).default("fixed"),
      spending: z.enum(["obrien-fleming", "pocock"]).default("obrien-fleming"),
      max: z.number().int().positive().default(1),
    })
    .prefault({}),
  samples: z
    .strictObject({
      min: z.number().int().nonnegative().default(0),
      max: z.number().int().positive().nullable().default(null),
    })
    .prefault({}),
  /** How many candidates of one training run may be read on one suite. */
  candidates: z.number().int().positive().default(1),
  missing: z
    .strictObject({
      rule: z.literal("drop-pair").default("drop-pair"),
      maxShare: z.number().min(0).max(1).default(0.01),
      maxGapPoints: z.number().min(0).max(100).default(1),
    })
    .prefault({}),
  slices: z
    .strictObject({
      /** `name = value`: harm in one of these is a no-go. */
      veto: z.array(z.string().regex(/^[^=]+ = .+$/, 'write "name = value"')).default([]),
      /** Shown with corrected p values. Null: every slice of the suite. */
      explore: z.array(z.string()).nullable().default(null),
    })
    .prefault({}),
  health: z
    .strictObject({
      srm: z.number().gt(0).lt(1).default(0.001),
      minClusters: z.number().int().min(2).default(10),
      /** Items of the training data that may still be in the evidence. */
      contaminated: z.number().int().nonnegative().default(0),
    })
    .prefault({}),
  rollout: Rollout.prefault({}),
  budget: z.strictObject({ evaluationUsd: z.number().nonnegative().nullable().default(null) }).prefault({}),
  /** What one failed task costs to repair, for the all-in cost. Null: not known, left blank. */
  reworkUsd: z.number().nonnegative().nullable().default(null),
  approvals: z
    .strictObject({
      count: z.number().int().nonnegative().default(0),
      notAuthor: z.boolean().default(true),
    })
    .prefault({}),
});
export type Policy = z.infer<typeof Policy>;
