import { z } from "zod";
import { Digest, Instant } from "./names.ts";

export const LogKind = z.enum([
  "model.registered",
  "policy.declared",
  "evidence.opened",
  "experiment.created",
  "look.taken",
  "verdict.recorded",
  "approval.given",
  "override.used",
  "alias.moved",
  "rollout.stage",
  "deploy.applied",
  "deploy.reverted",
  "kill.on",
  "kill.off",
]);
export type LogKind = z.infer<typeof LogKind>;

/**
 * A line of `runs/registry/log.jsonl`: append-only and chained. `hash` is over all other members,
 * `prev` is the hash of the line before (64 zeros for the first).
 */
export const LogRow = z.strictObject({
  seq: z.number().int().nonnegative(),
  at: Instant,
  prev: Digest,
  kind: LogKind,
  /** Names what happened; a second row with the same key is never written. */
  key: z.string(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: Digest,
});
export type LogRow = z.infer<typeof LogRow>;

export const Alias = z.enum(["production", "candidate", "previous", "gold"]);
export type Alias = z.infer<typeof Alias>;

/** What `model.registered` says: bytes, parents and figures of a version. */
export const ModelData = z.looseObject({
  model: z.string(),
  version: z.string(),
  weightsSha256: Digest,
  artifacts: z.array(z.looseObject({ path: z.string(), sha256: Digest, bytes: z.number().int() })),
  base: z.looseObject({ model: z.string(), sha256: Digest }),
  dataset: z.looseObject({ name: z.string(), digest: Digest }),
  recipe: z.string(),
  run: z.string(),
  parent: z.string().nullable(),
  metrics: z.record(z.string(), z.number().nullable()),
});
export type ModelData = z.infer<typeof ModelData>;

/** What `verdict.recorded` says: the record and the digests of its three files. */
export const VerdictData = z.looseObject({
  run: z.string(),
  record: Digest,
  verdict: z.enum(["go", "no-go", "inconclusive", "invalid"]),
  resultSha256: Digest,
  manifestSha256: Digest,
  candidate: z.looseObject({ arm: z.string(), digest: Digest, run: z.string().nullable() }),
  policySha256: Digest,
});
export type VerdictData = z.infer<typeof VerdictData>;

/** What `alias.moved` says: a compare-and-swap names what it saw. */
export const AliasData = z.looseObject({
  alias: Alias,
  to: z.string().nullable(),
  from: z.string().nullable(),
  sawHead: Digest,
  record: Digest.nullable(),
  move: z.string(),
});
export type AliasData = z.infer<typeof AliasData>;
