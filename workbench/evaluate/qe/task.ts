import { z } from "zod";

/** The kinds of defect that a review names; closed, so that an answer can be checked. */
export const DEFECT_KINDS = [
  "boundary",
  "condition",
  "missing-check",
  "unhandled-error",
  "resource-leak",
  "injection",
  "race",
  "missing-await",
  "precision",
  "secret",
] as const;

/** Why a test fails now and then, or does not. */
export const FLAKY_CLASSES = [
  "order",
  "time",
  "concurrency",
  "network",
  "randomness",
  "failure",
  "stable",
] as const;

/** The column of a history that shows a cause; a stable test has none. */
export const FLAKY_FIELDS = ["after", "hour", "workers", "host", "seed", "commit"] as const;

const Language = z.enum(["javascript", "python"]);
const Line = z.number().int().positive();

/** One run of a test, as a build server would log it. */
export const FlakyRun = z.strictObject({
  run: Line,
  commit: z.string(),
  hour: z.number().int().min(0).max(23),
  workers: z.number().int().positive(),
  after: z.string(),
  host: z.string(),
  seed: z.number().int(),
  passed: z.boolean(),
});
export type FlakyRun = z.infer<typeof FlakyRun>;

/** What a task shows to the model, by category. */
export const QeInput = z.discriminatedUnion("category", [
  z.strictObject({
    category: z.literal("test-generation"),
    language: Language,
    spec: z.string(),
    source: z.string(),
  }),
  z.strictObject({
    category: z.literal("coverage"),
    language: Language,
    /** Lines that never run; or outcomes of conditions that never come about, as `7:false`. */
    ask: z.enum(["lines", "branches"]),
    source: z.string(),
    tests: z.array(z.string()).min(1),
    facts: z.strictObject({ of: Line, missed: Line, conditions: z.array(Line).exactOptional() }),
  }),
  z.strictObject({ category: z.literal("flaky"), test: z.string(), runs: z.array(FlakyRun).min(1) }),
  z.strictObject({ category: z.literal("review"), language: Language, about: z.string(), diff: z.string() }),
]);
export type QeInput = z.infer<typeof QeInput>;
export type QeCategory = QeInput["category"];

/** A wrong version of the source: one line of it replaced. */
export const Mutant = z.strictObject({ line: Line, to: z.string() });
export type Mutant = z.infer<typeof Mutant>;

export const Defect = z.object({ line: Line, kind: z.string() });
export type Defect = z.infer<typeof Defect>;

/** What a task's answer is checked against, by category. */
export const QeExpected = {
  "test-generation": z.strictObject({ mutants: z.array(Mutant).min(1) }),
  coverage: z.strictObject({ gaps: z.array(z.string()).min(1) }),
  flaky: z.strictObject({
    class: z.enum(FLAKY_CLASSES),
    field: z.enum(FLAKY_FIELDS).nullable(),
    /** Each of these is right evidence. */
    values: z.array(z.string()),
  }),
  review: z.strictObject({ defects: z.array(Defect).min(1) }),
} as const;
export type QeExpected<C extends QeCategory> = z.infer<(typeof QeExpected)[C]>;
