import { z } from "zod";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { Scorer } from "../types.ts";
import { factual } from "../judges/factual.ts";
import { pairwise } from "../judges/pairwise.ts";
import { rubric } from "../judges/rubric.ts";
import { guardedRegex, guardedSchema } from "../guarded/scorers.ts";
import { bleu } from "./bleu.ts";
import { contains } from "./contains.ts";
import { exact } from "./exact.ts";
import { jsonField } from "./json-field.ts";
import { validJson } from "./json-schema.ts";
import { numeric } from "./numeric.ts";
import { recordedScore } from "./recorded-score.ts";
import { mrr, ndcg, precisionAt, recallAt } from "./retrieval.ts";
import { rougeL } from "./rouge-l.ts";
import { safe } from "./safe.ts";
import { style } from "./style.ts";
import { toolCalls } from "./tool-calls.ts";

const Text = z.string().min(1).max(1000);
const Texts = z.array(Text).min(1).max(100).exactOptional();
const Count = z.number().int().nonnegative().exactOptional();
const Rank = z.number().int().min(1).max(1000);
const Shared = {
  as: z
    .string()
    .regex(/^[A-Za-z][\w-]{0,62}$/)
    .exactOptional(),
  threshold: z.number().exactOptional(),
};

/** A judge is named, and told what to look for in words: both are data. */
const Judge = {
  judge: Text,
  temperature: z.number().min(0).max(2).exactOptional(),
  maxTokens: z.number().int().positive().max(100_000).exactOptional(),
};
const Criterion = z.strictObject({
  id: Text,
  ask: z.string().min(1).max(4000),
  scale: z.enum(["yes-no", "0-4"]).exactOptional(),
  weight: z.number().positive().exactOptional(),
});

type Maker = (args: unknown) => Scorer;

function named<S extends z.ZodRawShape>(
  shape: S,
  make: (args: z.output<z.ZodObject<S & typeof Shared>>) => Scorer,
): Maker {
  const Args = z.strictObject({ ...shape, ...Shared });
  return (args) => make(Args.parse(args));
}

/** Compiled here only to see that it is a pattern; it never runs in this thread. */
const Pattern = Text.refine(isPattern, "is no regular expression");
const SCHEMA_CHARACTERS = 65_536;
const Schema = z
  .record(z.string(), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= SCHEMA_CHARACTERS, "is larger than 64 kB");

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/**
 * The scorers that a data file may name. The list is closed. Patterns and JSON Schemas are programs of
 * a kind: they run in a thread that is ended when one answer takes it longer than 100 ms.
 */
const NAMED: Readonly<Record<string, Maker>> = {
  exact: named(
    {
      at: z.union([Text, z.array(Text).min(1)]).exactOptional(),
      normalise: z.array(z.enum(["trim", "case", "spaces", "punctuation"])).exactOptional(),
    },
    (args) => exact(args),
  ),
  contains: named(
    {
      phrases: Texts,
      need: z.enum(["all", "any", "none"]).exactOptional(),
      caseSensitive: z.boolean().exactOptional(),
    },
    (args) => contains(args),
  ),
  numeric: named(
    {
      after: Text.exactOptional(),
      truthAfter: Text.exactOptional(),
      tolerance: z.number().nonnegative().exactOptional(),
    },
    (args) => numeric(args),
  ),
  regex: named(
    {
      pattern: Pattern,
      flags: z
        .string()
        .regex(/^[imsu]{0,4}$/)
        .exactOptional(),
      capture: z.boolean().exactOptional(),
    },
    (args) => guardedRegex(args),
  ),
  jsonSchema: named({ schema: Schema }, (args) => guardedSchema(args)),
  validJson: named({}, (args) => validJson(args)),
  jsonField: named(
    { at: Text, equals: z.union([z.string(), z.number(), z.boolean(), z.null()]) },
    ({ at, equals, ...rest }) => jsonField(at, equals, rest),
  ),
  toolCalls: named(
    {
      at: Text.exactOptional(),
      order: z.enum(["any", "inOrder", "exact"]).exactOptional(),
      forbidden: Texts,
    },
    (args) => toolCalls(args),
  ),
  bleu: named({}, (args) => bleu(args)),
  rougeL: named({}, (args) => rougeL(args)),
  ndcg: named({ k: Rank, gain: z.enum(["linear", "exponential"]).exactOptional() }, ({ k, ...rest }) =>
    ndcg(k, rest),
  ),
  recallAt: named({ k: Rank }, ({ k, ...rest }) => recallAt(k, rest)),
  precisionAt: named({ k: Rank }, ({ k, ...rest }) => precisionAt(k, rest)),
  mrr: named({ k: Rank.exactOptional() }, ({ k, ...rest }) => mrr(k, rest)),
  safe: named({}, (args) => safe(args)),
  style: named(
    {
      minWords: Count,
      maxWords: Count,
      maxSentenceWords: Count,
      required: Texts,
      banned: Texts,
      headings: Texts,
    },
    (args) => style(args),
  ),
  rubric: named(
    { ...Judge, criteria: z.array(Criterion).min(1).max(50), reference: z.boolean().exactOptional() },
    (args) => rubric(args),
  ),
  pairwise: named(
    {
      ...Judge,
      ask: z.string().min(1).max(4000),
      against: z.union([Text, z.strictObject({ arm: z.literal("baseline") })]).exactOptional(),
    },
    (args) => pairwise(args),
  ),
  factual: named({ ...Judge, context: Text.exactOptional() }, (args) => factual(args)),
  recordedScore: named({ column: Text }, ({ column, ...rest }) => recordedScore(column, rest)),
};

/**
 * A scorer by its name, or by `{use, …arguments}`.
 * @throws WB_SUITE_INVALID for a name that is not registered, or arguments that it does not take.
 */
export function namedScorer(asked: unknown, where: string): Scorer {
  const { use, ...args } = (typeof asked === "string" ? { use: asked } : asked) as Record<string, unknown>;
  const make = typeof use === "string" && Object.hasOwn(NAMED, use) ? NAMED[use] : undefined;
  const invalid = (what: string, fix: string): WorkbenchError =>
    new WorkbenchError({ code: "WB_SUITE_INVALID", where, what, fix });
  if (!make)
    throw invalid(`no scorer is registered as ${quoted(use)}`, `use one of ${Object.keys(NAMED).join(", ")}`);
  try {
    return make(args);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    const what = `${String(use)}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`;
    throw invalid(what, "correct its arguments; docs/evaluate.md has them");
  }
}
