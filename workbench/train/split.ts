import { join } from "node:path";
import { digestOf } from "../schema/canonical.ts";
import { TokenCounts } from "../schema/recipe-lock.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { PreparedSplit, TokenPlan } from "./tokenise.ts";
import { tokeniseSplit } from "./tokenise.ts";
import type { ChatTokens } from "./tokens.ts";

interface Job {
  readonly file: string;
  readonly fileSha256: string;
  readonly tokenizerSha256: string;
  readonly tokens: ChatTokens;
  readonly plan: TokenPlan;
}

/** Tokenises a split, or finds that this was done before with the same bytes, tokenizer and plan. */
export async function prepareSplit(
  project: Project,
  job: Job,
  effects: Effects = realEffects,
): Promise<PreparedSplit> {
  const { fileSha256, tokenizerSha256, plan } = job;
  const key = digestOf({
    version: 1,
    fileSha256,
    tokenizerSha256,
    template: job.tokens.templateSha256,
    plan,
  });
  const path = join(project.private, "cache", "tokens", `${key}.json`);
  const cached = await readCached(path, effects);
  if (cached) return { ...cached, text: null, rejects: [] };
  const text = Buffer.from(await effects.read(job.file)).toString("utf8");
  const split = tokeniseSplit(text, job);
  // A changed split needs its rows again, so only unchanged ones are remembered.
  if (split.text === null)
    await replaceFile(path, jsonText({ sha256: split.sha256, counts: split.counts }), effects);
  return split;
}

async function readCached(
  path: string,
  effects: Effects,
): Promise<{ readonly sha256: string; readonly counts: TokenCounts } | null> {
  if (!(await effects.stat(path))) return null;
  try {
    const json = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as Record<
      string,
      unknown
    >;
    return { sha256: String(json["sha256"]), counts: TokenCounts.parse(json["counts"]) };
  } catch {
    return null; // a cache that cannot be read is no cache
  }
}
