import { z } from "zod";
import { Digest, Name } from "./names.ts";
import { Method } from "./recipe.ts";

const NamedFile = z.looseObject({ name: z.string(), sha256: Digest, bytes: z.number().int() });

/** Token counts of one split: sequences after the overlength rule, a DPO pair counting as two. */
export const TokenCounts = z.strictObject({
  rows: z.number().int(),
  total: z.number().int(),
  supervised: z.number().int(),
  /** Rows that are longer than the limits (and, unless the rule is `error`, were dropped or trimmed). */
  overlength: z.number().int(),
  longest: z.number().int(),
  longestPrompt: z.number().int(),
  /** Σn² over sequences: the attention part of the FLOP estimate. */
  squares: z.number(),
});
export type TokenCounts = z.infer<typeof TokenCounts>;

/**
 * `recipe.lock.json`: everything that what is learned depends on, and nothing else: no host, clock,
 * user or machine. The run id is the first 12 digits of its SHA-256.
 */
export const RecipeLock = z.strictObject({
  schema: z.literal("workbench/recipe-lock@1"),
  recipe: Name,
  method: Method,
  /** Flat: `optim.lr`, … Every value, written or defaulted. */
  effective: z.record(z.string(), z.unknown()),
  dataset: z.strictObject({
    name: Name,
    digest: Digest,
    kind: z.enum(["sft", "preference"]),
    files: z.array(z.strictObject({ path: z.string(), sha256: Digest, rows: z.number().int() })),
  }),
  tokens: z.strictObject({
    trainSha256: Digest,
    evalSha256: Digest.nullable(),
    total: z.number().int(),
    supervised: z.number().int(),
    overlength: z.number().int(),
    splits: z.record(z.string(), TokenCounts),
  }),
  base: z.strictObject({
    model: z.string(),
    revision: z.string(),
    sha256: Digest,
    files: z.array(NamedFile),
    tokenizerSha256: Digest,
  }),
  /** The run it starts from; null for the base. */
  start: z.strictObject({ run: z.string(), adapterSha256: Digest, lockSha256: Digest }).nullable(),
  template: z.strictObject({ sha256: Digest, endOfTurn: z.array(z.string()).min(1) }),
  env: z.strictObject({ lockSha256: Digest }),
  code: z.strictObject({ trainerSha256: Digest }),
  seed: z.number().int(),
});
export type RecipeLock = z.infer<typeof RecipeLock>;
