import { z } from "zod";
import { Digest, Name } from "./names.ts";

/** When the local model's answer is taken, and how long each model may take. */
export const RouteRules = z.strictObject({
  localDeadlineMs: z.number().int().positive().default(10_000),
  fallbackDeadlineMs: z.number().int().positive().default(15_000),
  /** An empty answer without tool calls is never taken. */
  accept: z
    .strictObject({
      json: z.boolean().default(false),
      /** Not cut off at maxTokens. */
      finished: z.boolean().default(false),
      /** A number in the JSON answer that says how sure the model is, and how sure it must be. */
      confidence: z.strictObject({ at: z.string().min(1), atLeast: z.number() }).exactOptional(),
    })
    .prefault({}),
});
export type RouteRules = z.infer<typeof RouteRules>;

const AtLeast = z.strictObject({ atLeast: z.number() });
const AtMost = z.strictObject({ atMost: z.number().nonnegative() });

/** `evals/targets/<name>.yaml`: what a validation at scale must show. A figure without a target is only told. */
export const Targets = z.strictObject({
  schema: z.literal("workbench/targets@1"),
  name: Name,
  /** For the projected cost: tasks of a month. */
  tasksPerMonth: z.number().positive(),
  alpha: z.number().gt(0).lt(0.5).default(0.025),
  route: RouteRules.prefault({}),
  targets: z.strictObject({
    localShare: AtLeast.exactOptional(),
    fallbackShare: AtMost.exactOptional(),
    quality: AtLeast.exactOptional(),
    "latencyMs.p50": AtMost.exactOptional(),
    "latencyMs.p95": AtMost.exactOptional(),
    "latencyMs.p99": AtMost.exactOptional(),
    monthlyUsd: AtMost.exactOptional(),
    uptime: AtLeast.exactOptional(),
  }),
});
export type Targets = z.infer<typeof Targets>;
export type TargetMetric = keyof Targets["targets"];

/** A figure of a validation with its interval, held against its target. */
export const TargetReading = z.looseObject({
  metric: z.string(),
  /** Null where it could not be measured; `refused` says why. */
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  estimator: z.string().nullable(),
  n: z.number().int(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  /** `shown`: there is no target. `open`: the interval holds both sides of it, or there is none. */
  standing: z.enum(["met", "missed", "open", "shown"]),
  refused: z.string().nullable(),
});
export type TargetReading = z.infer<typeof TargetReading>;

/** `runs/<id>/validation-<first 12 of the targets' digest>.json`: every figure is computed from samples.jsonl. */
export const Validation = z.looseObject({
  schema: z.literal("workbench/validation@1"),
  run: z.string(),
  suite: z.string(),
  local: z.string(),
  fallback: z.string().nullable(),
  tasks: z.looseObject({
    asked: z.number().int(),
    items: z.number().int(),
    local: z.number().int(),
    fallback: z.number().int(),
    failed: z.number().int(),
    notRun: z.number().int(),
  }),
  /** Why the local answer was not taken → how often. */
  fallbackReasons: z.record(z.string(), z.number().int()),
  targets: z.looseObject({ name: z.string(), sha256: Digest, tasksPerMonth: z.number() }),
  readings: z.array(TargetReading),
  verdict: z.enum(["go", "no-go", "inconclusive"]),
});
export type Validation = z.infer<typeof Validation>;
