import { z } from "zod";
import { Digest, FileRef, Name } from "./names.ts";

/** A chat turn as training formats write it. Tool call arguments are an object (TRL's shape). */
export const ChatTurn = z.looseObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
});
export type ChatTurn = z.infer<typeof ChatTurn>;

/** A line of an SFT dataset's `train|val|test.jsonl`. */
export const Example = z.looseObject({ messages: z.array(ChatTurn).min(2) });
export type Example = z.infer<typeof Example>;

/** A line of a preference dataset's `train|val|test.jsonl`. */
export const Pair = z.looseObject({
  prompt: z.array(ChatTurn).min(1),
  chosen: z.array(ChatTurn).length(1),
  rejected: z.array(ChatTurn).length(1),
});
export type Pair = z.infer<typeof Pair>;

export const Split = z.enum(["train", "val", "test"]);
export type Split = z.infer<typeof Split>;

/** A line of `rejects.jsonl`: one removed row and the rule that removed it. */
export const Reject = z.looseObject({
  interaction_id: z.string(),
  step: z.string(),
  rule: z.string(),
  detail: z.string(),
  kept_instead: z.string().nullable(),
});
export type Reject = z.infer<typeof Reject>;

/** One bar of the funnel: rows that entered a step, and how many each rule took out. */
export const FunnelStep = z.looseObject({
  step: z.string(),
  /** What is counted: interactions, or pairs of answers. Steps of one unit chain: each `in` is the `out` before it. */
  unit: z.enum(["row", "pair"]).optional(),
  in: z.number().int(),
  out: z.number().int(),
  removed: z.record(z.string(), z.number().int()),
});
export type FunnelStep = z.infer<typeof FunnelStep>;

/**
 * `datasets/<name>@<digest12>/manifest.json`. The digest is the SHA-256 of this manifest without
 * its `clock` member, so the same sources, definition and seed give the same name.
 */
export const DatasetManifest = z.looseObject({
  schema: z.literal("workbench/dataset@1"),
  name: Name,
  kind: z.enum(["sft", "preference"]),
  /** 64 hex digits; the folder carries the first 12. Not part of what is hashed. */
  digest: Digest,
  definition: z.unknown(),
  definitionSha256: Digest,
  sources: z.array(z.looseObject({ import: z.string(), sha256: Digest, rows: z.number().int() })),
  /** SHA-256 over the canonical source rows with their feedback, in order of row_key. */
  rowsSha256: Digest.optional(),
  /** Digest of everything the content depends on: equal inputs are found here and not built again. */
  inputsSha256: Digest.optional(),
  /** ISO instant: later interactions and feedback were left out. Null: everything stored. */
  asOf: z.string().nullable().optional(),
  /** The rules of the second pass for personal data, and the tokenizer that lengths were counted with. */
  screening: z.looseObject({ policySha256: Digest, tokenizerSha256: Digest.nullable() }).optional(),
  warnings: z.array(z.string()).optional(),
  seed: z.number().int(),
  funnel: z.array(FunnelStep),
  splits: z.record(Split, z.number().int()),
  /** `flagged` rows repeat an item of a suite; `removed` of them left (all: the row goes, never the item). */
  contamination: z.looseObject({
    suites: z.array(z.looseObject({ suite: z.string(), sha256: Digest, items: z.number().int() })),
    flagged: z.number().int(),
    removed: z.number().int(),
  }),
  quality: z.record(z.string(), z.unknown()),
  files: z.array(FileRef),
  tools: z.record(z.string(), z.string()),
  /** When and by what it was built; left out of the digest. */
  clock: z.looseObject({ at: z.string(), commit: z.string().nullable() }),
});
export type DatasetManifest = z.infer<typeof DatasetManifest>;

/** A manifest before its files are hashed: everything but files, clock and digest. */
export const DatasetBody = DatasetManifest.omit({ files: true, clock: true, digest: true });
export type DatasetBody = z.infer<typeof DatasetBody>;
