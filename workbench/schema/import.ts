import { z } from "zod";
import { Digest, FileRef, Instant } from "./names.ts";

/** Why an input record was not stored. A closed list: pages and tests count by it. */
export const QuarantineReason = z.enum([
  "json_invalid",
  "json_truncated",
  "not_an_object",
  "utf8_invalid",
  "string_malformed",
  "number_not_finite",
  "too_long",
  "too_deep",
  "unterminated",
  "wrong_shape",
  "unknown_role",
  "body_elsewhere",
  "archive_truncated",
  "archive_bomb",
  "row_malformed",
  "parquet_unreadable",
]);
export type QuarantineReason = z.infer<typeof QuarantineReason>;

export const QuarantineLine = z.looseObject({
  line: z.number().int(),
  part: z.number().int(),
  byteOffset: z.number().int(),
  byteLength: z.number().int(),
  sha256: Digest,
  reason: QuarantineReason,
  detail: z.string(),
  /** The first 4 KiB, redacted. */
  text: z.string(),
});
export type QuarantineLine = z.infer<typeof QuarantineLine>;

/** Conservation: read = stored + known + quarantined; blank lines are counted beside, erased ones among the known. */
export const ImportCounts = z.object({
  read: z.number().int(),
  stored: z.number().int(),
  known: z.number().int(),
  quarantined: z.number().int(),
  blank: z.number().int(),
  /** How many of the known are known because their person was erased. */
  erased: z.number().int().optional(),
});
export type ImportCounts = z.infer<typeof ImportCounts>;

/** `.workbench/interactions/<import>/manifest.json`, written last: its presence is "imported". */
export const ImportManifest = z.looseObject({
  schema: z.literal("workbench/import@1"),
  id: z.string(),
  kind: z.enum(["interactions", "feedback"]),
  source: z.looseObject({
    label: z.string(),
    sha256: Digest,
    byteStart: z.number().int(),
    byteEnd: z.number().int(),
  }),
  format: z.string(),
  importer: z.string(),
  redaction: z.looseObject({
    policySha256: Digest,
    keyId: z.string(),
    counts: z.record(z.string(), z.number().int()),
  }),
  counts: ImportCounts,
  lossy: z.array(z.looseObject({ path: z.string(), rows: z.number().int(), what: z.string() })),
  continues: z.string().nullable(),
  replaces: z.string().nullable(),
  files: z.array(FileRef),
  at: Instant,
});
export type ImportManifest = z.infer<typeof ImportManifest>;
