import { z } from "zod";
import { Digest, FileRef } from "./names.ts";

/** `.workbench/packs/<pack>/pack.json`, written before the folder gets its name: what the Parquet files beside it hold. */
export const PackManifest = z.looseObject({
  schema: z.literal("workbench/pack@1"),
  /** Imports whose rows these are, each with the digest of the Parquet files they were read from. */
  covers: z.record(z.string(), Digest),
  files: z.array(FileRef),
});
export type PackManifest = z.infer<typeof PackManifest>;
