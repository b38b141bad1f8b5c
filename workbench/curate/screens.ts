import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { WorkbenchError } from "../errors/error.ts";
import { findEntities } from "../redact/find.ts";
import { makePolicy } from "../redact/policy.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Config } from "../schema/config.ts";
import type { FilterSettings } from "../schema/dataset-definition.ts";
import type { Screens } from "../select/filter.ts";
import { tally } from "../select/quality.ts";
import { wordsOf } from "../select/text.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

/** The screens that filters call, and the digest of the rules they go by. */
export interface NamedScreens extends Screens {
  readonly policySha256: string;
  /** Null when lengths are counted in words. */
  readonly tokenizerSha256: string | null;
}

/**
 * Screens as the project is set up: personal data by the rules of ingest (what `privacy.allow`
 * leaves in place is no finding), length in words or, with `tokenizer`, in that model's tokens.
 */
export async function screensOf(
  project: Project,
  { privacy }: Pick<Config, "privacy">,
  { response }: FilterSettings,
  effects: Effects = realEffects,
): Promise<NamedScreens> {
  const listed = (files: readonly string[]): Promise<readonly string[]> => linesOf(project, files, effects);
  const policy = makePolicy({
    allow: privacy.allow,
    names: await listed(privacy.names),
    addresses: await listed(privacy.addresses),
    customerIds: await listed(privacy.customerIds),
  });
  const tokenizer =
    response?.tokenizer === undefined ? null : await tokenCounter(project, response.tokenizer, effects);
  return {
    policySha256: policy.digest,
    tokenizerSha256: tokenizer?.sha256 ?? null,
    length: tokenizer?.count ?? ((text) => wordsOf(text).length),
    pii: (text) => Object.fromEntries(tally(findEntities(text, policy).map(({ kind }) => kind))),
  };
}

/** The entries of list files, one a line. */
async function linesOf(
  project: Project,
  files: readonly string[],
  effects: Effects,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const file of files) {
    const bytes = await effects.read(await resolveInside(project.root, [file], effects));
    lines.push(...Buffer.from(bytes).toString("utf8").split("\n"));
  }
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** What is used of the library, whose type files do not resolve under Node's module rules. */
const Bpe = Tokenizer as unknown as new (
  tokenizer: object,
  config: object,
) => {
  readonly encode: (text: string, options: object) => { readonly ids: readonly number[] };
};

/** `path` names a tokenizer.json inside the project; its tokenizer_config.json lies beside it. */
async function tokenCounter(
  project: Project,
  path: string,
  effects: Effects,
): Promise<{ readonly count: (text: string) => number; readonly sha256: string }> {
  const file = await resolveInside(project.root, [path], effects);
  const read = async (at: string): Promise<string> => Buffer.from(await effects.read(at)).toString("utf8");
  const config = join(file, "..", "tokenizer_config.json");
  try {
    const texts = [await read(file), (await effects.stat(config)) ? await read(config) : "{}"] as const;
    const tokenizer = new Bpe(JSON.parse(texts[0]) as object, JSON.parse(texts[1]) as object);
    return {
      sha256: digestOf(texts),
      count: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length,
    };
  } catch (cause) {
    throw new WorkbenchError({
      code: "WB_DATASET_INVALID",
      where: path,
      what: "filters.response.tokenizer does not name a tokenizer that can be read",
      why: cause instanceof Error ? cause.message : "it is not JSON",
      fix: "name the model's tokenizer.json, or leave it out to count words",
      cause,
    });
  }
}
