import { z } from "zod";

const low = z.number();

/**
 * A number that is known, or how far it may lie: PERT over the least, the likely and the most, or a
 * lognormal by the values that one case in ten stays below and above.
 */
export const Uncertain = z.union([
  z.number(),
  z
    .strictObject({ low, likely: z.number(), high: z.number() })
    .refine((it) => it.low <= it.likely && it.likely <= it.high && it.low < it.high, {
      message: "low ≤ likely ≤ high, and low < high",
    }),
  z
    .strictObject({ p10: z.number().positive(), p90: z.number().positive() })
    .refine((it) => it.p10 < it.p90, { message: "p10 < p90" }),
]);
export type Uncertain = z.infer<typeof Uncertain>;

const lowest = (value: Uncertain): number =>
  typeof value === "number" ? value : "low" in value ? value.low : value.p10;
const highest = (value: Uncertain): number =>
  typeof value === "number" ? value : "high" in value ? value.high : value.p90;

const Amount = Uncertain.refine((value) => lowest(value) >= 0, { message: "0 or more" });
const Share = Amount.refine((value) => highest(value) <= 1, { message: "a share lies between 0 and 1" });
const Positive = Uncertain.refine((value) => lowest(value) > 0, { message: "more than 0" });

/** Share of tasks that need no repair; with `reworkUsd` it makes a cheap failure cost what it costs. */
const success = Share.optional();

/** One way to answer requests, by how it is paid. Every amount carries its unit in its name. */
export const Way = z.discriminatedUnion("kind", [
  /** So much for each request. */
  z.strictObject({ kind: z.literal("request"), usdPerRequest: Amount, success }),
  /** By tokens, at an API's prices; `cacheHitShare` is the share of input tokens read from its cache. */
  z.strictObject({
    kind: z.literal("api"),
    usdPerMillion: z.strictObject({ input: Amount, cachedRead: Amount.optional(), output: Amount }),
    cacheHitShare: Share.default(0),
    success,
  }),
  /** Hosts that are paid for by the hour, asked or not. Tokens a second are measured, of one server. */
  z.strictObject({
    kind: z.literal("hosted"),
    usdPerHour: Amount,
    tokensPerSecond: Positive,
    /** Share of its capacity that a server is given to do: from logged arrivals. */
    utilisation: Share.refine((value) => lowest(value) > 0, { message: "more than 0" }),
    servers: z.number().int().positive().default(1),
    success,
  }),
  /** What the logs say: mean priced cost of a request. */
  z.strictObject({ kind: z.literal("logs"), success }),
]);
export type Way = z.infer<typeof Way>;

/** `evals/scenarios/<name>.yaml`: what a business case assumes, each number with its range. */
export const Scenario = z.strictObject({
  schema: z.literal("workbench/scenario@1"),
  question: z.string().min(1),
  requestsPerDay: z.union([z.literal("logs"), Amount]),
  tokensPerRequest: z.strictObject({ input: Amount, output: Amount }).optional(),
  /** 0.2 is a fifth more requests after a year. */
  growthPerYear: Uncertain.default(0),
  baseline: Way,
  candidate: Way,
  /** What a failed task costs to repair. */
  reworkUsd: Amount.optional(),
  /** All are asked for: a forgotten one is a wrong answer. Write 0 where it is 0. */
  oneOff: z.strictObject({
    trainingUsd: Amount,
    labellingUsd: Amount,
    evaluationUsd: Amount,
    engineeringUsd: Amount,
  }),
  /** Of the candidate, beside its requests: on-call, storage, monitoring. */
  upkeepUsdPerMonth: Amount,
  retraining: z.strictObject({ perYear: Amount, usd: Amount }),
  /** How much cheaper the API becomes in a year. */
  apiPriceCutPerYear: Share.default(0),
  yearlyDiscount: Amount.default(0.1),
  horizonMonths: z.number().int().min(1).max(120).default(24),
  /** Ways shown beside the two, with the volumes where the cheapest one changes. */
  options: z.record(z.string(), Way).default({}),
  /** Correlation of two inputs' normal scores, by their paths: `requestsPerDay`, `candidate.usdPerHour`. */
  correlations: z
    .array(z.strictObject({ between: z.tuple([z.string(), z.string()]), rho: z.number().gt(-1).lt(1) }))
    .default([]),
  draws: z.number().int().min(1000).max(100_000).default(10_000),
  seed: z.number().int().default(7),
});
export type Scenario = z.infer<typeof Scenario>;
