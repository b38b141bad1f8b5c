import { join } from "node:path";
import { callTrainer } from "../host/trainer.ts";
import { trainerSha256 } from "../host/trainer-package.ts";
import type { FileRef } from "../schema/names.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { fileRef, hashFile } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import type { BaseFolder } from "./base.ts";
import { readBase } from "./base.ts";
import { readRunJson } from "./runs.ts";

/** A base is exported in full: adapters are merged into it at serving, and parity is measured on it. */
const BASE_PRECISION = "f32";

/** The interpreter that exports, and with how many threads. */
export interface Exporter {
  readonly python: string;
  readonly threads: number;
}

/** `base.gguf` of a base: once per base and exporter. */
export interface BaseGguf {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Exports a base to `.workbench/bases/<first 12 of its digest>/base.gguf`, or verifies the one there.
 * `manifest.json` beside it is written last.
 */
export async function ensureBaseGguf(
  {
    project,
    base,
    exporter,
  }: { readonly project: Project; readonly base: BaseFolder; readonly exporter: Exporter },
  effects: Effects = realEffects,
): Promise<BaseGguf> {
  const folder = join(project.private, "bases", base.lock.sha256.slice(0, 12));
  const [path, manifest] = [join(folder, "base.gguf"), join(folder, "manifest.json")];
  const code = await trainerSha256(effects);
  const there = (await readRunJson(manifest, effects)) as Record<string, unknown> | null;
  if (there && there["trainerSha256"] === code && (await effects.stat(path))) {
    const found = await hashFile(path, effects);
    if (found.sha256 === there["sha256"]) return { path, ...found };
  }
  const work = join(project.private, "tmp", `base-${base.lock.sha256.slice(0, 12)}-${token(effects)}`);
  try {
    const body = { base: base.folder, adapter: null, out: work, precision: BASE_PRECISION };
    await callTrainer({ ...exporter, command: "export", body }, effects);
    const made = await hashFile(join(work, "base.gguf"), effects);
    await effects.mkdir(folder);
    await effects.rename(join(work, "base.gguf"), path);
    const record = {
      schema: "workbench/base-export@1",
      base: base.lock.model,
      baseSha256: base.lock.sha256,
      precision: BASE_PRECISION,
      trainerSha256: code,
      ...made,
    };
    await replaceFile(manifest, jsonText(record), effects);
    return { path, ...made };
  } finally {
    await effects.remove(work);
  }
}

/** Exports the base of that name: what has to be there before anything of it can be served. */
export async function exportBase(
  {
    project,
    name,
    exporter,
  }: { readonly project: Project; readonly name: string; readonly exporter: Exporter },
  effects: Effects = realEffects,
): Promise<BaseGguf> {
  const model = name.startsWith("bases/") ? name : `bases/${name}`;
  return ensureBaseGguf({ project, base: await readBase(project, model, effects), exporter }, effects);
}

/**
 * Adapter → `artifacts/adapter.gguf`, `artifacts/merged/` and `artifacts/merged.gguf`; each further
 * precision gives `artifacts/merged.<precision>.gguf`. Gives every file below `artifacts/` that the
 * export made, relative to the run folder.
 */
export async function exportAdapter(
  request: {
    readonly folder: string;
    readonly base: BaseFolder;
    readonly precisions: readonly string[];
    readonly exporter: Exporter;
  },
  effects: Effects = realEffects,
): Promise<readonly FileRef[]> {
  const { folder, base, precisions, exporter } = request;
  const artifacts = join(folder, "artifacts");
  const made: FileRef[] = [];
  for (const [index, precision] of precisions.entries()) {
    const work = join(folder, `.export-${precision}`);
    await effects.remove(work);
    const body = { base: base.folder, adapter: join(artifacts, "adapter"), out: work, precision };
    const answer = await callTrainer({ ...exporter, command: "export", body }, effects);
    for (const { path } of answer["files"] as readonly FileRef[]) {
      const isMerged = path === "merged.gguf";
      if (index > 0 && !isMerged) continue;
      const target = index > 0 ? `merged.${precision}.gguf` : path;
      await effects.mkdir(join(artifacts, target, ".."));
      await effects.rename(join(work, path), join(artifacts, target));
      made.push(await fileRef(folder, `artifacts/${target}`, effects));
    }
    await effects.remove(work);
  }
  return made.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function token(effects: Effects): string {
  return Buffer.from(effects.random(4)).toString("hex");
}
