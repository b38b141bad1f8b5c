import { relative } from "node:path";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { Name } from "../schema/names.ts";
import { Recipe } from "../schema/recipe.ts";
import type { YamlFile } from "../schema/yaml.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";
import { checkRecipe } from "./recipe-rules.ts";

/** A recipe that is valid by itself, and the means to point at its lines. */
export interface RecipeFile {
  readonly recipe: Recipe;
  /** As a person would type it: `recipes/route-sft.yaml`. */
  readonly file: string;
  readonly errorAt: YamlFile<unknown>["errorAt"];
}

const LARGEST_RECIPE = 256 * 1024;

/** Reads `recipes/<name>.yaml`; `name` may also be written with the folder and the ending. */
export async function readRecipe(
  project: Project,
  name: string,
  effects: Effects = realEffects,
): Promise<RecipeFile> {
  const plain = name.replace(/^(\.\/)?recipes\//, "").replace(/\.ya?ml$/, "");
  if (!Name.safeParse(plain).success)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: `${quoted(name)} is not the name of a recipe`,
      why: "a name is a-z, 0-9 and -, at most 63 long, and the recipe is recipes/<name>.yaml",
      fix: "name one of the files in recipes/",
    });
  const path = await resolveInside(project.recipes, [`${plain}.yaml`], effects);
  const file = relative(project.root, path);
  const info = await effects.stat(path);
  if (!info)
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: file,
      what: "there is no such recipe",
      fix: `recipes there are: ${(await recipeNames(project, effects)).join(", ") || "none yet"}`,
    });
  if (info.size > LARGEST_RECIPE)
    throw new WorkbenchError({ code: "WB_RECIPE_INVALID", where: file, what: "a recipe is at most 256 KiB" });
  const parsed = parseRecipe(Buffer.from(await effects.read(path)).toString("utf8"), file);
  if (parsed.recipe.recipe !== plain)
    throw parsed.errorAt(
      ["recipe"],
      `recipe is ${quoted(parsed.recipe.recipe)}, but the file is ${plain}.yaml`,
      {
        why: "runs are found by the recipe's name",
        fix: `recipe: ${plain}`,
      },
    );
  return parsed;
}

/** The recipes of a project, by name. */
export async function recipeNames(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly string[]> {
  const files = await effects.list(project.recipes);
  return files
    .filter((name) => name.endsWith(".yaml") && name !== "hosts.yaml")
    .map((name) => name.slice(0, -5));
}

/** Checks a recipe's text: shape first, then the rules that need no data. The first flaw is the error. */
export function parseRecipe(text: string, file: string): RecipeFile {
  const { value, errorAt } = parseYaml(text, z.unknown(), { file, code: "WB_RECIPE_INVALID" });
  const parsed = Recipe.safeParse(value);
  if (!parsed.success) throw shapeError(parsed.error, value, errorAt);
  checkRecipe(parsed.data, errorAt);
  return { recipe: parsed.data, file, errorAt };
}

function shapeError(
  error: z.ZodError,
  value: unknown,
  errorAt: YamlFile<unknown>["errorAt"],
): WorkbenchError {
  const issue = error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = keysAt(issue.path);
    const near = nearest(key, known);
    const at = [...issue.path, key];
    return errorAt(at, `${quoted(at.map(String).join("."))} is not a known setting`, {
      why: "a setting that nobody reads would be silently without effect",
      fix: near === null ? `known here: ${known.join(", ")}` : `did you mean ${near}?`,
    });
  }
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>(
    (at, key) =>
      at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const name = path.map(String).join(".") || "the file";
  const shown =
    found === undefined ? "nothing" : `${quoted(found)}${typeof found === "string" ? " (text)" : ""}`;
  return errorAt(path, `${name}: ${issue?.message ?? "invalid"}, got ${shown}`, hint(found));
}

function hint(found: unknown): { why?: string; fix?: string } {
  if (typeof found === "string" && found.trim() !== "" && Number.isFinite(Number(found)))
    return { why: "the quotes make YAML read it as text", fix: `write ${found.trim()} without quotes` };
  return { fix: "see docs/train.md for what stands here" };
}

/** The settings the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: z.ZodType | undefined = Recipe;
  for (const key of path) at = objectIn(at)?.shape[String(key)];
  return Object.keys(objectIn(at)?.shape ?? {});
}

function objectIn(schema: z.ZodType | undefined): z.ZodObject<Record<string, z.ZodType>> | undefined {
  if (schema instanceof z.ZodObject) return schema;
  const inner = (schema?.def as { innerType?: z.ZodType } | undefined)?.innerType;
  return inner === undefined ? undefined : objectIn(inner);
}

/** The known word that is fewest edits away, if it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((other) => ({ other, edits: edits(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(best.other.length / 2)) ? best.other : null;
}

/** Levenshtein distance. Worked value: `edits("epoch", "epochs")` is 1. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
