import { join } from "node:path";
import { environmentSha256, trainerSha256 } from "../host/trainer-package.ts";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import { RecipeLock } from "../schema/recipe-lock.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { BaseFolder } from "./base.ts";
import { readBase } from "./base.ts";
import type { DatasetFolder } from "./dataset.ts";
import { findDataset } from "./dataset.ts";
import type { Effective } from "./presets.ts";
import { effectiveOf, presetWarnings } from "./presets.ts";
import type { RecipeFile } from "./recipe.ts";
import { readRecipe } from "./recipe.ts";
import { checkSize, warmupSteps } from "./recipe-rules.ts";
import type { StartRun } from "./runs.ts";
import { resolveStart } from "./runs.ts";
import { prepareSplit } from "./split.ts";
import type { PreparedSplit, TokenPlan } from "./tokenise.ts";
import { loadTokens } from "./tokens.ts";

/** A recipe frozen: the lock, its id, and where on this machine its inputs lie. */
export interface Resolved {
  readonly source: RecipeFile;
  readonly lock: RecipeLock;
  readonly lockSha256: string;
  /** The first 12 digits of `lockSha256`. */
  readonly runId: string;
  readonly base: BaseFolder;
  readonly dataset: DatasetFolder;
  readonly train: PreparedSplit;
  readonly eval: PreparedSplit | null;
  readonly start: StartRun | null;
  readonly steps: number;
  readonly warnings: readonly string[];
}

/**
 * Recipe → lock: everything that decides what is learned, by digest, and nothing that does not.
 * Runs every check that needs no host. The same inputs give the same id on every machine.
 */
export async function resolveRecipe(
  request: { readonly project: Project; readonly recipe: string },
  effects: Effects = realEffects,
): Promise<Resolved> {
  const { project } = request;
  const source = await readRecipe(project, request.recipe, effects);
  const { recipe } = source;
  const written = effectiveOf(recipe);
  const dataset = await findDataset(project, recipe.data.dataset, effects);
  checkKind(source, dataset);
  const base = await readBase(project, recipe.base.model, effects);
  const start = await resolveStart({ project, recipe, baseSha256: base.lock.sha256 }, effects);
  checkStartBase(source, { start, base });
  const tokens = await loadTokens(base.folder, effects);
  const prepare = (split: string): Promise<PreparedSplit> => {
    const file = fileOf(dataset, split);
    return prepareSplit(
      project,
      {
        file: join(dataset.folder, file.path),
        fileSha256: file.sha256,
        tokenizerSha256: base.lock.tokenizerSha256,
        tokens,
        plan: tokenPlan(written, recipe.method),
      },
      effects,
    );
  };
  const train = await prepare(String(written["data.train"]));
  const evaluation = written["data.eval"] === "none" ? null : await prepare(String(written["data.eval"]));
  checkSize(recipe, train.counts.rows, source.errorAt);
  const steps = stepsOf(written, train.counts.rows);
  const { "optim.warmup": warmup, ...rest } = written;
  const effective: Effective = {
    ...rest,
    start: start === null ? "base" : `run:${start.run}`,
    "base.revision": base.lock.revision,
    "data.dataset": `${dataset.manifest.name}@${dataset.manifest.digest.slice(0, 12)}`,
    "optim.warmupSteps": warmupSteps(warmup, steps, source.errorAt),
  };
  const lock = RecipeLock.parse({
    schema: "workbench/recipe-lock@1",
    recipe: recipe.recipe,
    method: recipe.method,
    effective,
    dataset: datasetLock(dataset, written),
    tokens: tokensLock(train, evaluation),
    base: base.lock,
    start: start && { run: start.run, adapterSha256: start.adapterSha256, lockSha256: start.lockSha256 },
    template: { sha256: tokens.templateSha256, endOfTurn: tokens.endOfTurn },
    env: { lockSha256: await environmentSha256(effects) },
    code: { trainerSha256: await trainerSha256(effects) },
    seed: effective["run.seed"],
  });
  const lockSha256 = digestOf(lock);
  const warnings = [...presetWarnings(recipe), ...dataWarnings(train, dataset)];
  const runId = lockSha256.slice(0, 12);
  return { source, lock, lockSha256, runId, base, dataset, train, eval: evaluation, start, steps, warnings };
}

/** Steps = epochs × ⌈rows ÷ (batch × gradAccum)⌉. Worked value: 3 epochs, 800 rows, 16 × 1 → 150. */
export function stepsOf(effective: Effective, rows: number): number {
  const perStep = Number(effective["optim.batch"]) * Number(effective["optim.gradAccum"]);
  return Number(effective["optim.epochs"]) * Math.ceil(rows / perStep);
}

function tokenPlan(effective: Effective, method: string): TokenPlan {
  return {
    kind: method === "dpo" || method === "reward" ? "dpo" : "sft",
    lossOn: effective["data.lossOn"] as TokenPlan["lossOn"],
    overlength: effective["data.overlength"] as TokenPlan["overlength"],
    maxTokens: Number(effective["length.max"]),
    maxPrompt: Number(effective["length.maxPrompt"]),
  };
}

/** The manifest's entry of a split's JSON lines. */
export function fileOf({ manifest, folder }: DatasetFolder, split: string): { path: string; sha256: string } {
  const file = manifest.files.find(({ path }) => path === `${split}.jsonl`);
  if (file) return file;
  throw new WorkbenchError({
    code: "WB_DATASET_INVALID",
    where: folder,
    what: `this dataset has no ${split}.jsonl`,
    fix: "give the split a share in the dataset's definition, or write data: {eval: none}",
  });
}

function datasetLock(dataset: DatasetFolder, effective: Effective): RecipeLock["dataset"] {
  const { manifest } = dataset;
  const splits = [effective["data.train"], effective["data.eval"]]
    .filter((split) => split !== "none")
    .map(String);
  const files = [...new Set(splits)].map((split) => ({
    path: `${split}.jsonl`,
    sha256: fileOf(dataset, split).sha256,
    rows: manifest.splits[split as "train"],
  }));
  return { name: manifest.name, digest: manifest.digest, kind: manifest.kind, files };
}

function tokensLock(train: PreparedSplit, evaluation: PreparedSplit | null): RecipeLock["tokens"] {
  const { total, supervised, overlength } = train.counts;
  return {
    trainSha256: train.sha256,
    evalSha256: evaluation?.sha256 ?? null,
    total,
    supervised,
    overlength,
    splits: { train: train.counts, ...(evaluation ? { eval: evaluation.counts } : {}) },
  };
}

function checkKind({ recipe, errorAt }: RecipeFile, { manifest }: DatasetFolder): void {
  const wanted = recipe.method === "dpo" || recipe.method === "reward" ? "preference" : "sft";
  if (manifest.kind === wanted) return;
  throw errorAt(
    ["data", "dataset"],
    `${manifest.name} is a dataset of kind ${manifest.kind}, ${recipe.method} needs ${wanted}`,
    {
      why:
        wanted === "preference"
          ? "each row must hold a chosen and a rejected answer"
          : "each row must hold one chat",
      fix: "name another dataset, or another method",
    },
  );
}

function checkStartBase(
  { errorAt }: RecipeFile,
  at: { readonly start: StartRun | null; readonly base: BaseFolder },
): void {
  if (at.start === null || at.start.baseSha256 === at.base.lock.sha256) return;
  throw errorAt(["start"], `run ${at.start.run} was trained on another base`, {
    why: "an adapter fits only the weights it was trained on",
    fix: "train the recipe it starts from again, name a run of this base, or start: base",
  });
}

function dataWarnings({ counts, rejects }: PreparedSplit, { manifest }: DatasetFolder): readonly string[] {
  const share = counts.supervised / counts.total;
  return [
    ...(share < 0.01 ? [`only ${(share * 100).toFixed(2)} % of the tokens are learned`] : []),
    ...(rejects.length > 0
      ? [`${rejects.length} rows were longer than the limits: see data/rejects.jsonl of the run`]
      : []),
    ...(manifest.contamination.suites.length === 0 ? ["the dataset was checked against no suite"] : []),
  ];
}
