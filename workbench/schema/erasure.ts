import { z } from "zod";
import { Instant } from "./names.ts";

/**
 * `.workbench/erasures/<id>.json`: a person was erased. It names nobody: `id` is a keyed digest of the
 * user's pseudonym, `rowKeys` are the keyed digests of the records that went.
 */
export const Tombstone = z.looseObject({
  schema: z.literal("workbench/erasure@1"),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  at: Instant,
  /** Null until everything is done: the same command then goes on where it stopped. */
  finishedAt: Instant.nullable(),
  /** So that the same log, read again, counts these as known. */
  rowKeys: z.array(z.string()),
});
export type Tombstone = z.infer<typeof Tombstone>;

/** `erasure.json` beside the manifest of a dataset version or a run that held rows of an erased person. */
export const ErasureMarker = z.looseObject({
  schema: z.literal("workbench/erasure-marker@1"),
  erasures: z.array(
    z.looseObject({
      /** The tombstone's id. */
      id: z.string(),
      at: Instant,
      because: z.string(),
    }),
  ),
});
export type ErasureMarker = z.infer<typeof ErasureMarker>;
