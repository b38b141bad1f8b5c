import { Command } from "commander";
import { recipeNames, readRecipe } from "../../train/recipe.ts";
import { resolveRecipe } from "../../train/resolve.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  const root = new Command("recipe").description("Look at recipes: what a model will learn.");
  const sub = (name: string, summary: string): Command => {
    const made = new Command(name).summary(summary).description(`${summary}.`).exitOverride();
    root.addCommand(made);
    return made;
  };
  sub("list", "list the recipes").action(withContext(list));
  sub("check", "check a recipe by itself")
    .argument("<recipe>", "a recipe's name, or its file")
    .action(withContext(check));
  sub("resolve", "freeze a recipe into its lock")
    .argument("<recipe>", "a recipe's name, or its file")
    .action(withContext(resolve));
  return root;
}

async function list({ project, out, effects }: Context): Promise<undefined> {
  const names = await recipeNames(project, effects);
  out.result(names);
  for (const name of names) out.line(name);
  if (names.length === 0) out.note("no recipe here yet: recipes/<name>.yaml");
  return undefined;
}

async function check({ project, out, effects }: Context, name: string): Promise<undefined> {
  const { recipe, file } = await readRecipe(project, name, effects);
  out.result({ file, recipe });
  out.line(`${file}  ${recipe.method} on ${recipe.base.model}, ${recipe.data.dataset}: valid by itself`);
  return undefined;
}

async function resolve({ project, out, effects }: Context, name: string): Promise<undefined> {
  const { lock, lockSha256, runId, steps, warnings } = await resolveRecipe(
    { project, recipe: name },
    effects,
  );
  out.result({ run: runId, lockSha256, lock });
  out.line(`${out.paint.bold(lock.recipe)}  run ${runId}  ${steps} steps`);
  for (const [key, value] of Object.entries(lock.effective))
    out.line(`  ${key.padEnd(26)} ${JSON.stringify(value)}`);
  out.line(
    `  dataset  ${lock.dataset.name}@${lock.dataset.digest.slice(0, 12)}  tokens ${lock.tokens.trainSha256.slice(0, 12)}`,
  );
  out.line(`  base     ${lock.base.model}  ${lock.base.sha256.slice(0, 12)}`);
  out.line(
    `  trainer  ${lock.code.trainerSha256.slice(0, 12)}  environment ${lock.env.lockSha256.slice(0, 12)}`,
  );
  for (const warning of warnings) out.note(`warning: ${warning}`);
  return undefined;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench recipe list", "the recipes of this project"],
  ["workbench recipe check tiny-sft", "the file by itself: keys, values, rules between them"],
  ["workbench recipe resolve tiny-sft", "freeze it: every value and every input by digest, and the run id"],
  ["workbench recipe resolve tiny-sft --json > lock.json"],
];
