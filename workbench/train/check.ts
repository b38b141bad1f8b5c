import { join } from "node:path";
import type { TokenCounts } from "../schema/recipe-lock.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Piece } from "./mask.ts";
import type { Resolved } from "./resolve.ts";
import { fileOf, resolveRecipe } from "./resolve.ts";
import type { LossOn } from "./rows.ts";
import { rowPieces } from "./rows.ts";
import { loadTokens } from "./tokens.ts";

/** What `train check` found: everything that can be known without a host. */
export interface CheckReport {
  readonly recipe: string;
  readonly run: string;
  readonly dataset: string;
  readonly start: string | null;
  readonly steps: number;
  readonly splits: Readonly<Record<string, TokenCounts & { readonly supervisedShare: number }>>;
  readonly rejected: number;
  readonly suitesCheckedAgainst: number;
  readonly warnings: readonly string[];
  /** The first row as it will be learned. */
  readonly sample: readonly (readonly Piece[])[];
}

/**
 * Checks a recipe against its data: rows that cannot be learned, an answer without its end-of-turn
 * token, and rows beyond the limits are refused here, before any host is asked.
 */
export async function checkTraining(
  request: { readonly project: Project; readonly recipe: string },
  effects: Effects = realEffects,
): Promise<CheckReport> {
  const resolved = await resolveRecipe(request, effects);
  const { lock, train, dataset } = resolved;
  const splits = Object.entries(lock.tokens.splits).map(([name, counts]) => {
    const supervisedShare = counts.supervised / counts.total;
    return [name, { ...counts, supervisedShare }] as const;
  });
  return {
    recipe: lock.recipe,
    run: resolved.runId,
    dataset: String(lock.effective["data.dataset"]),
    start: lock.start?.run ?? null,
    steps: resolved.steps,
    splits: Object.fromEntries(splits),
    rejected: train.rejects.length + (resolved.eval?.rejects.length ?? 0),
    suitesCheckedAgainst: dataset.manifest.contamination.suites.length,
    warnings: resolved.warnings,
    sample: await sampleOf(resolved, effects),
  };
}

async function sampleOf({ lock, base, dataset }: Resolved, effects: Effects): Promise<CheckReport["sample"]> {
  const { path } = fileOf(dataset, String(lock.effective["data.train"]));
  const text = Buffer.from(await effects.read(join(dataset.folder, path))).toString("utf8");
  const line = text.split("\n").find((one) => one.trim() !== "") ?? "{}";
  const kind = lock.dataset.kind === "preference" ? "dpo" : "sft";
  const plan = { kind, lossOn: lock.effective["data.lossOn"] as LossOn } as const;
  return rowPieces(JSON.parse(line), await loadTokens(base.folder, effects), plan);
}
