import { join } from "node:path";
import { sha256 } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

const LOOK_MS = 300;

/**
 * Yields once, and again after each change of what an evaluation is made of: the files below evals/, the
 * configuration and the datasets' manifests. A change is told when it has been still for one look, so
 * that a half-saved file is not run. It looks rather than listens: no two systems tell of changes alike.
 */
export async function* changes(project: Project, effects: Effects): AsyncGenerator<void> {
  let told = await fingerprint(project, effects);
  yield;
  for (let seen = told; ;) {
    await effects.sleep(LOOK_MS);
    const now = await fingerprint(project, effects);
    if (now === seen && now !== told) {
      told = now;
      yield;
    }
    seen = now;
  }
}

/** Digest of names, sizes and times of change. */
async function fingerprint(project: Project, effects: Effects): Promise<string> {
  const lines: string[] = [];
  const look = async (path: string): Promise<void> => {
    const info = await effects.stat(path);
    if (!info) return;
    if (!info.isDirectory) lines.push(`${path} ${info.size} ${info.mtimeMs}`);
    else for (const name of await effects.list(path)) if (!name.startsWith(".")) await look(join(path, name));
  };
  await look(project.config);
  await look(project.evals);
  for (const name of await effects.list(join(project.root, "datasets")))
    await look(join(project.root, "datasets", name, "manifest.json"));
  return sha256(lines.join("\n"));
}
