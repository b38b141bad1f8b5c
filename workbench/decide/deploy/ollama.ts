import { join } from "node:path";
import { z } from "zod";
import type { TargetOf } from "../../schema/deploy.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import type { ModelVersion } from "../registry.ts";
import { runFolder } from "../evidence.ts";
import { deployInvalid, type Hook } from "./hook.ts";
import { must, parsedAs, request } from "./http.ts";

/** Digests of both names as they were; null is "no such model". `keep` is the tag that holds on to the old one. */
const Prior = z.object({
  serving: z.string().nullable(),
  versioned: z.string().nullable(),
  keep: z.string().nullable(),
  /** `keep` was there before: it is not ours to remove. */
  kept: z.boolean(),
});
type Prior = z.infer<typeof Prior>;

const Tags = z.looseObject({
  models: z.array(z.looseObject({ name: z.string(), digest: z.string() })).nullable(),
});
const Chat = z.looseObject({ message: z.looseObject({ content: z.string() }) });

/**
 * Ollama: the version is created under its own tag and copied to the serving name. The old model stays
 * under a tag of its own, so that going back is a copy of the same bytes.
 */
export function ollamaHook(
  target: TargetOf<"ollama">,
  { project, effects }: { readonly project: Project; readonly effects: Effects },
): Hook {
  const serving = `${target.model}:latest`;
  const nameOf = ({ version }: ModelVersion): string => `${target.model}:${version}`;
  const digests = async (): Promise<ReadonlyMap<string, string>> => {
    const { models } = parsedAs(Tags, await must(target, "/api/tags", {}, effects), target);
    return new Map((models ?? []).map(({ name, digest }) => [name, digest]));
  };
  const copy = (source: string, destination: string): Promise<string> =>
    must(target, "/api/copy", { body: { source, destination } }, effects);
  const remove = async (model: string): Promise<void> => {
    if ((await digests()).has(model))
      await must(target, "/api/delete", { method: "DELETE", body: { model } }, effects);
  };
  return {
    plan: async (version) => {
      artifactOf(target, version);
      const there = await digests();
      const was = there.get(serving) ?? null;
      const twin = [...there].find(([name, digest]) => name !== serving && digest === was)?.[0];
      const keep = was === null ? null : (twin ?? `${target.model}:was-${was.slice(0, 12)}`);
      const prior: Prior = {
        serving: was,
        versioned: there.get(nameOf(version)) ?? null,
        keep,
        kept: twin !== undefined,
      };
      return {
        prior,
        steps: [
          ...(keep === null || prior.kept ? [] : [`keep ${serving} as ${keep}`]),
          `create ${nameOf(version)} from ${target.artifact}`,
          `copy ${nameOf(version)} to ${serving}`,
          "probe: same digest, artifact held as registered, golden prompt",
        ],
      };
    },
    apply: async (version, before) => {
      const prior = Prior.parse(before);
      if (prior.keep !== null && !(await digests()).has(prior.keep)) await copy(serving, prior.keep);
      await create(target, version, { project, effects });
      await copy(nameOf(version), serving);
    },
    probe: async (version) => {
      const there = await digests();
      const [now, wanted] = [there.get(serving), there.get(nameOf(version))];
      if (now === undefined || now !== wanted) return `${serving} is not ${nameOf(version)}`;
      const { sha256 } = artifactOf(target, version);
      const { status } = await request(target, `/api/blobs/sha256:${sha256}`, { method: "HEAD" }, effects);
      if (status !== 200) return `the server does not hold the registered artifact ${sha256.slice(0, 12)}`;
      const body = {
        model: serving,
        messages: [{ role: "user", content: target.golden.prompt }],
        stream: false,
        options: { temperature: 0, seed: 7 },
      };
      const answer = parsedAs(Chat, await must(target, "/api/chat", { body }, effects), target).message
        .content;
      return answer.trim() === target.golden.expect.trim()
        ? null
        : "the golden prompt has another answer than the certified one";
    },
    revert: async (version, before) => {
      const prior = Prior.parse(before);
      const there = await digests();
      if (prior.serving === null) await remove(serving);
      else if (there.get(serving) !== prior.serving && prior.keep !== null) await copy(prior.keep, serving);
      if (prior.versioned === null) await remove(nameOf(version));
      if (prior.keep !== null && !prior.kept) await remove(prior.keep);
    },
  };
}

async function create(
  target: TargetOf<"ollama">,
  version: ModelVersion,
  { project, effects }: { readonly project: Project; readonly effects: Effects },
): Promise<void> {
  const { path, sha256 } = artifactOf(target, version);
  const blob = `/api/blobs/sha256:${sha256}`;
  if ((await request(target, blob, { method: "HEAD" }, effects)).status !== 200) {
    const bytes = await effects.read(join(await runFolder(project, version.run, effects), path));
    await must(target, blob, { bytes, headers: { "content-type": "application/octet-stream" } }, effects);
  }
  const file = { [path.split("/").at(-1) ?? path]: `sha256:${sha256}` };
  const from = target.base === undefined ? { files: file } : { from: target.base, adapters: file };
  const body = { model: `${target.model}:${version.version}`, ...from, stream: false };
  await must(target, "/api/create", { body }, effects);
}

function artifactOf(target: TargetOf<"ollama">, version: ModelVersion) {
  const found = version.artifacts.find(({ path }) => path === target.artifact);
  if (found) return found;
  throw deployInvalid(
    `deploy.${target.name}.artifact`,
    `${version.version} has no artifact ${target.artifact}`,
    `its artifacts are ${version.artifacts.map(({ path }) => path).join(", ")}`,
  );
}
