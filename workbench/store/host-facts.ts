import { availableParallelism, platform, arch } from "node:os";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";

/** What a manifest records about the machine: nothing that names a person or a network. */
export function hostFacts(): { readonly os: string; readonly cpus: number; readonly node: string } {
  return { os: `${platform()}-${arch()}`, cpus: availableParallelism(), node: process.version };
}

/** The git commit of the working tree and whether it differs from it; nulls outside a checkout. */
export async function codeFacts(
  root: string,
  effects: Effects = realEffects,
): Promise<{ readonly commit: string | null; readonly dirty: boolean | null }> {
  const commit = await git(root, ["rev-parse", "HEAD"], effects);
  const status = await git(root, ["status", "--porcelain", "--untracked-files=no"], effects);
  return {
    commit: commit === null || commit === "" ? null : commit,
    dirty: status === null ? null : status !== "",
  };
}

async function git(root: string, args: readonly string[], effects: Effects): Promise<string | null> {
  try {
    const child = effects.spawn("git", args, { cwd: root });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    child.stderr.resume();
    const { code } = await child.ended;
    return code === 0 ? out.trim() : null;
  } catch {
    return null; // no git here
  }
}
