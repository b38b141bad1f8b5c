import type { Recipe } from "../schema/recipe.ts";
import type { YamlFile } from "../schema/yaml.ts";
import { effectiveOf } from "./presets.ts";

type ErrorAt = YamlFile<unknown>["errorAt"];

const BLOCKS = ["dpo", "reward", "distill", "grpo", "ppo"] as const;
/** The smallest dataset a method is worth starting on: interactions for tuning, pairs for DPO. */
const SMALLEST = { sft: 1000, dpo: 500, reward: 500, distill: 1000, grpo: 1000, ppo: 1000 } as const;

/** The rules between values of one recipe that need neither data nor host. Throws the first broken one. */
export function checkRecipe(recipe: Recipe, errorAt: ErrorAt): void {
  checkBlocks(recipe, errorAt);
  const effective = effectiveOf(recipe);
  const [max, prompt] = [Number(effective["length.max"]), Number(effective["length.maxPrompt"])];
  if (prompt >= max)
    throw errorAt(
      ["length", recipe.length.maxPrompt === undefined ? "max" : "maxPrompt"],
      `length.maxPrompt ${prompt} leaves no room for an answer in length.max ${max}`,
      {
        why: "a prompt of the largest size would fill the whole row",
        fix: `length: {max: ${max}, maxPrompt: ${Math.max(1, Math.floor(max / 2))}}`,
      },
    );
  checkAdapter(recipe, errorAt);
  checkStart(recipe, errorAt);
  if ((recipe.method === "grpo" || recipe.method === "ppo") && recipe.run.experimental !== true)
    throw errorAt(["method"], `${recipe.method} is experimental`, {
      fix: "write run: {experimental: true}, or use dpo",
    });
  const known =
    ["local", undefined].includes(recipe.base.revision) || !recipe.base.model.startsWith("bases/");
  if (!known)
    throw errorAt(
      ["base", "revision"],
      `a base of this project has no revision ${recipe.base.revision ?? ""}`,
      {
        why: "its files are hashed into the lock one by one",
        fix: "revision: local",
      },
    );
}

function checkBlocks(recipe: Recipe, errorAt: ErrorAt): void {
  for (const block of BLOCKS)
    if (recipe[block] !== undefined && recipe.method !== block)
      throw errorAt([block], `a ${block} block stands in a recipe of method ${recipe.method}`, {
        why: "it would be without effect",
        fix: `remove it, or write method: ${block}`,
      });
  if (recipe.method === "distill" && recipe.distill === undefined)
    throw errorAt(["method"], "distill needs a teacher", {
      fix: 'distill: {teacher: "model:<name>@<version>"}',
    });
}

function checkAdapter({ adapter, method }: Recipe, errorAt: ErrorAt): void {
  if (adapter.type !== "full") return;
  for (const key of ["r", "alpha", "dropout", "targets"] as const)
    if (adapter[key] !== undefined)
      throw errorAt(["adapter", key], `adapter.${key} means nothing with type: full`, {
        why: "full tuning has no adapter",
        fix: `remove ${key}, or write type: lora`,
      });
  if (adapter.quant === "nf4")
    throw errorAt(["adapter", "quant"], "a 4-bit base can only carry a LoRA", {
      why: "quantised weights have no gradient",
      fix: `type: lora${method === "dpo" ? ", dropout: 0" : ""}`,
    });
}

function checkStart(recipe: Recipe, errorAt: ErrorAt): void {
  if (recipe.start === `recipe:${recipe.recipe}`)
    throw errorAt(["start"], "a recipe cannot start from itself", {
      fix: "name the recipe that comes before, or base",
    });
  if (recipe.start !== "base" && recipe.adapter.type === "full")
    throw errorAt(["start"], "full tuning cannot start from an adapter", {
      fix: "start: base, or type: lora",
    });
}

/** What the counted rows of the dataset allow. `rows` are those of the training split; throws the broken rule. */
export function checkSize(recipe: Recipe, rows: number, errorAt: ErrorAt): void {
  const least = SMALLEST[recipe.method];
  if (rows >= least || recipe.allowSmall !== undefined) return;
  const unit = recipe.method === "dpo" || recipe.method === "reward" ? "pairs" : "interactions";
  throw errorAt(
    ["data", "dataset"],
    `${rows} ${unit} are too few for ${recipe.method}: ${least} are the least`,
    {
      why: "a model tuned on fewer rarely beats its base, and the evaluation has little to find it with",
      fix: 'gather more, or write allowSmall: "<why it is right here>"',
    },
  );
}

/**
 * Warm-up steps of a run of `total` steps: as written, by ratio (rounded up), or else the smaller of
 * 100 and a tenth (rounded up). Written steps beyond 30 % of the run are refused.
 *
 * Worked value: nothing written, 150 steps → 15; `{ratio: 0.05}`, 150 steps → 8.
 */
export function warmupSteps(written: unknown, total: number, errorAt: ErrorAt): number {
  const warmup = written as { steps?: number; ratio?: number } | undefined;
  if (warmup?.ratio !== undefined) return Math.ceil(warmup.ratio * total);
  if (warmup?.steps === undefined) return Math.min(100, Math.ceil(total / 10));
  if (warmup.steps <= 0.3 * total) return warmup.steps;
  throw errorAt(["optim", "warmup", "steps"], `${warmup.steps} warm-up steps of ${total} steps in all`, {
    why: "beyond 30 % of the run the rate hardly reaches what optim.lr says",
    fix: `warmup: {steps: ${Math.floor(0.1 * total)}}, or leave it out`,
  });
}
