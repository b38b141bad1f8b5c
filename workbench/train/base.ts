import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { digestOf } from "../schema/canonical.ts";
import type { RecipeLock } from "../schema/recipe-lock.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { fileRef } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

/** A base model on this machine: where it lies, and every file of it by digest. */
export interface BaseFolder {
  readonly folder: string;
  readonly lock: RecipeLock["base"];
}

/** Files that make a base; anything else in the folder (a README, an image) is not part of what is learned. */
const PART =
  /^(.*\.safetensors(\.index\.json)?|config\.json|generation_config\.json|tokenizer.*\.json|vocab\.json|merges\.txt|special_tokens_map\.json|added_tokens\.json|chat_template\.jinja|tokenizer\.model)$/;
const TOKENIZER =
  /^(tokenizer.*\.json|vocab\.json|merges\.txt|special_tokens_map\.json|added_tokens\.json|chat_template\.jinja|tokenizer\.model)$/;

/**
 * Finds and hashes the base `bases/<name>` (folder `recipes/bases/<name>`). Hub ids and registered
 * models are refused: this version fetches no weights.
 */
export async function readBase(
  project: Project,
  model: string,
  effects: Effects = realEffects,
): Promise<BaseFolder> {
  if (!model.startsWith("bases/"))
    throw new WorkbenchError({
      code: "WB_RECIPE_UNSUPPORTED",
      what: `base.model ${quoted(model)} is not on this machine`,
      why: "this version trains on bases whose files lie in the project and fetches none",
      fix: "copy the model's files (safetensors, config, tokenizer) to recipes/bases/<name>/ and write model: bases/<name>",
    });
  const folder = await resolveInside(project.recipes, [model], effects);
  const names = (await effects.list(folder)).filter((name) => PART.test(name));
  for (const needed of ["config.json", "tokenizer.json", "tokenizer_config.json"])
    if (!names.includes(needed)) throw incomplete(model, needed);
  if (!names.some((name) => name.endsWith(".safetensors")))
    throw incomplete(model, "weights (*.safetensors)");
  const files = [];
  for (const name of names) {
    const { sha256, bytes } = await fileRef(folder, name, effects);
    files.push({ name, sha256, bytes });
  }
  const tokenizer = files.filter((file) => TOKENIZER.test(file.name));
  return {
    folder,
    lock: { model, revision: "local", sha256: digestOf(files), files, tokenizerSha256: digestOf(tokenizer) },
  };
}

function incomplete(model: string, needed: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_FILE_MISSING",
    where: `recipes/${model}`,
    what: `this base has no ${needed}`,
    why: "a base is a Hugging Face folder: config, tokenizer with a chat template, and safetensors",
    fix: "copy the missing file there; pickled weights are never read",
  });
}

/** The numbers of `config.json` that the estimates need; null when one is missing. */
export interface BaseShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  /** f32, bf16 or f16: the type the weights are stored in. */
  readonly dtype: string;
  readonly architecture: string;
}

const SHORT_DTYPE: Readonly<Record<string, string>> = { float32: "f32", bfloat16: "bf16", float16: "f16" };

export async function readShape(folder: string, effects: Effects = realEffects): Promise<BaseShape | null> {
  const config = JSON.parse(
    Buffer.from(await effects.read(join(folder, "config.json"))).toString("utf8"),
  ) as Record<string, unknown>;
  const number = (key: string): number | null => (typeof config[key] === "number" ? config[key] : null);
  const [layers, hidden, heads] = [
    number("num_hidden_layers"),
    number("hidden_size"),
    number("num_attention_heads"),
  ];
  const [intermediate, vocabulary] = [number("intermediate_size"), number("vocab_size")];
  if (!layers || !hidden || !heads || !intermediate || !vocabulary) return null;
  const stored = config["dtype"] ?? config["torch_dtype"];
  const architectures = config["architectures"];
  return {
    layers,
    hidden,
    heads,
    intermediate,
    vocabulary,
    kvHeads: number("num_key_value_heads") ?? heads,
    headSize: number("head_dim") ?? hidden / heads,
    dtype: SHORT_DTYPE[String(stored)] ?? String(stored),
    architecture: Array.isArray(architectures) ? String(architectures[0]) : "unknown",
  };
}
