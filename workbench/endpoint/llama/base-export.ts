import { join } from "node:path";
import { z } from "zod";
import { Digest } from "../../schema/names.ts";
import type { Project } from "../../store/paths.ts";

/**
 * `.workbench/bases/<first 12 of the base's digest>/manifest.json`, beside the `base.gguf` that
 * `train` exports once for a base: what serving trusts before it loads the file.
 */
export const BaseExport = z.looseObject({
  /** The folder's name in recipes/bases; `bases/<name>`, as a recipe writes it, is the same. */
  base: z.string().transform((name) => name.replace(/^bases\//, "")),
  /** The digest of `base.gguf`. */
  sha256: Digest,
});
export type BaseExport = z.infer<typeof BaseExport>;

/** Where the export of the base with this digest (`TrainResult.base.sha256`) lies. */
export function baseExportFolder(project: Project, baseSha256: string): string {
  return join(project.private, "bases", Digest.parse(baseSha256).slice(0, 12));
}
