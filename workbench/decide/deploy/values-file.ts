import { isAbsolute, join, relative } from "node:path";
import { z } from "zod";
import { sha256 } from "../../schema/canonical.ts";
import type { TargetOf } from "../../schema/deploy.ts";
import { replaceFile } from "../../store/atomic.ts";
import { folderOf, type Effects } from "../../store/effects.ts";
import { resolveInside, type Project } from "../../store/paths.ts";
import type { ModelVersion } from "../registry.ts";
import { deployFailed, deployInvalid, filledText, type Hook } from "./hook.ts";
import { probeName } from "./http.ts";
import { scalarsOf, withScalars } from "./scalars.ts";

/** The file as it was, and the digest of what it becomes: an edit by someone else in between is seen. */
const Prior = z.object({
  base64: z.string(),
  nextSha256: z.string(),
  values: z.record(z.string(), z.string()),
});
type Prior = z.infer<typeof Prior>;

/**
 * GitOps: the declared keys of a values file are set, every other byte stays, and the change is committed
 * where that is asked. Going back is the inverse change, as a commit of its own; nothing is pushed unless
 * `push` is declared.
 */
export function valuesFileHook(
  target: TargetOf<"values-file">,
  { project, effects }: { readonly project: Project; readonly effects: Effects },
): Hook {
  const root = async (): Promise<string> =>
    target.repository === undefined
      ? project.root
      : isAbsolute(target.repository)
        ? target.repository
        : join(project.root, target.repository);
  const place = async (): Promise<{ readonly root: string; readonly path: string }> => {
    const at = await root();
    return { root: at, path: await resolveInside(at, [target.file], effects) };
  };
  const read = async (path: string): Promise<string> =>
    Buffer.from(await effects.read(path)).toString("utf8");
  const wanted = (version: ModelVersion): Record<string, string> =>
    Object.fromEntries(Object.entries(target.set).map(([key, text]) => [key, filledText(text, version)]));

  return {
    plan: async (version) => {
      const { path } = await place();
      if (!(await effects.stat(path))) throw invalid(target, "there is no such file");
      const text = await read(path);
      const values = scalarsOf(text, Object.keys(target.set));
      const next = withScalars(text, wanted(version));
      if (values === null || next === null)
        throw invalid(target, "one of the keys in `set` is not a value of this file");
      const prior: Prior = { base64: Buffer.from(text).toString("base64"), nextSha256: sha256(next), values };
      const changes = Object.entries(wanted(version)).map(
        ([key, value]) => `${target.file}: ${key} ${values[key] ?? ""} → ${value}`,
      );
      return {
        prior,
        steps: [...changes, ...(target.commit ? ["commit"] : []), ...(target.push ? ["push"] : [])],
      };
    },
    apply: async (version, before, id) => {
      const prior = Prior.parse(before);
      const at = await place();
      const next = withScalars(Buffer.from(prior.base64, "base64").toString("utf8"), wanted(version));
      const now = await read(at.path);
      if (next === null || (now !== next && sha256(now) !== sha256(Buffer.from(prior.base64, "base64"))))
        throw deployFailed(target.name, `${target.file} was edited while it was being deployed`);
      await replaceFile(at.path, next, effects);
      await commit(target, at, `Deploy ${version.model} ${version.version}\n\nDeployment: ${id}`, effects);
    },
    probe: (version) => probeName(target, version, effects),
    revert: async (version, before, id) => {
      const prior = Prior.parse(before);
      const at = await place();
      await sweep(folderOf(at.path), effects);
      const text = await read(at.path);
      const old = Buffer.from(prior.base64, "base64").toString("utf8");
      if (text !== old) {
        // Untouched since: the exact bytes. Edited since: our keys alone go back, and other work stays.
        const back = sha256(text) === prior.nextSha256 ? old : withScalars(text, prior.values);
        if (back === null)
          throw deployFailed(target.name, `${target.file} no longer has the keys that were set`);
        await replaceFile(at.path, back, effects);
      }
      await commit(
        target,
        at,
        `Revert ${version.model} ${version.version}\n\nReverts-deployment: ${id}`,
        effects,
      );
    },
  };
}

/** Removes what an atomic write left when its process died: a work tree is someone's, and stays clean. */
async function sweep(folder: string, effects: Effects): Promise<void> {
  for (const name of await effects.list(folder))
    if (/^\.[0-9a-f]{12}\.tmp$/.test(name)) await effects.remove(join(folder, name));
}

/** Commits the file if it differs from HEAD, so that a repeat after a crash makes no second commit. */
async function commit(
  target: TargetOf<"values-file">,
  { root, path }: { readonly root: string; readonly path: string },
  message: string,
  effects: Effects,
): Promise<void> {
  if (!target.commit) return;
  const file = relative(root, path);
  const git = (...args: readonly string[]): Promise<string> => runGit(target, root, args, effects);
  await git("add", "--", file);
  if ((await git("status", "--porcelain", "--", file)) !== "")
    await git("commit", "--quiet", "--message", message, "--", file);
  if (target.push) await git("push", "--quiet");
}

async function runGit(
  target: TargetOf<"values-file">,
  cwd: string,
  args: readonly string[],
  effects: Effects,
): Promise<string> {
  const child = effects.spawn("git", args, { cwd, env: { GIT_TERMINAL_PROMPT: "0" } });
  child.stdin.end();
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk.toString("utf8")));
  const { code } = await child.ended;
  if (code === 0) return out.join("").trim();
  throw deployFailed(
    target.name,
    `git ${args[0] ?? ""} ended with ${code ?? "a signal"}`,
    err.join("").trim(),
  );
}

function invalid({ name, file }: TargetOf<"values-file">, what: string) {
  return deployInvalid(
    `deploy.${name}: ${file}`,
    what,
    "declare keys that the file has, with dots: image.tag",
  );
}
