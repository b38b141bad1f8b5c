import { join } from "node:path";
import { jsonText } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** A folder being filled. Nothing in it counts until it is renamed. */
export interface Stage {
  readonly folder: string;
  readonly write: (name: string, data: string) => Promise<void>;
  /** Writes the manifest, and gives the folder its final name in one rename. */
  readonly publish: (entry: string, manifest: unknown) => Promise<void>;
}

/** Opens a stage beside its destination, after clearing what an interrupted build of `name` left. */
export async function openStage(
  project: Project,
  name: string,
  effects: Effects = realEffects,
): Promise<Stage> {
  await effects.mkdir(project.datasets);
  for (const entry of await effects.list(project.datasets))
    if (entry.startsWith(`.${name}@`) && entry.endsWith(".tmp"))
      await effects.remove(join(project.datasets, entry));
  const token = Buffer.from(effects.random(6)).toString("hex");
  const folder = join(project.datasets, `.${name}@${token}.tmp`);
  await effects.mkdir(folder);
  const write = async (file: string, data: string): Promise<void> => {
    await effects.write(join(folder, file), data);
    await effects.fsync(join(folder, file));
  };
  return {
    folder,
    write,
    publish: async (entry, manifest) => {
      await write("manifest.json", jsonText(manifest));
      await effects.fsync(folder);
      const target = join(project.datasets, entry);
      // What is there was found incomplete by the caller; a whole version is never replaced.
      await effects.remove(target);
      await effects.rename(folder, target);
      await effects.fsync(project.datasets);
    },
  };
}
