import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "./effects.ts";
import { folderOf, realEffects } from "./effects.ts";

/** Where everything of one project lies. All paths are absolute. */
export interface Project {
  readonly root: string;
  readonly evals: string;
  readonly datasets: string;
  readonly recipes: string;
  readonly runs: string;
  readonly reports: string;
  /** Git-ignored and private. */
  readonly private: string;
  readonly config: string;
}

export function projectAt(root: string): Project {
  const at = resolve(root);
  return {
    root: at,
    evals: join(at, "evals"),
    datasets: join(at, "datasets"),
    recipes: join(at, "recipes"),
    runs: join(at, "runs"),
    reports: join(at, "reports"),
    private: join(at, ".workbench"),
    config: join(at, "workbench.config.yaml"),
  };
}

/** The project that holds `from`: the nearest folder upwards with a workbench.config.yaml. */
export async function findProject(from: string, effects: Effects = realEffects): Promise<Project> {
  for (let at = resolve(from); ; at = folderOf(at)) {
    if (await effects.stat(join(at, "workbench.config.yaml"))) return projectAt(at);
    if (at === folderOf(at))
      throw new WorkbenchError({
        code: "WB_CONFIG_INVALID",
        where: from,
        what: "no workbench project here",
        why: "neither this folder nor any above it has a workbench.config.yaml",
        fix: "change into a project, or name one with --project <folder>",
      });
  }
}

/**
 * The one place where a name from data becomes a path: joins `parts` below `folder` and refuses
 * whatever would leave it, by `..`, by an absolute part, by NUL or through a symbolic link.
 */
export async function resolveInside(
  folder: string,
  parts: readonly string[],
  effects: Effects = realEffects,
): Promise<string> {
  const target = resolve(folder, ...parts);
  const refused = parts.some((part) => part.includes("\0") || part.includes("\\") || isAbsolute(part));
  if (refused || !isInside(folder, target)) throw outside(parts.join("/"), folder);
  // A part that exists may be a link: its real place counts.
  const base = (await effects.stat(folder)) ? await effects.realpath(folder) : resolve(folder);
  for (let at = target; isInside(folder, at) && at !== resolve(folder); at = folderOf(at)) {
    if (!(await effects.stat(at))) continue;
    if (!isInside(base, await effects.realpath(at))) throw outside(parts.join("/"), folder);
    break;
  }
  return target;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(resolve(folder), path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function outside(name: string, folder: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_PATH_OUTSIDE",
    what: `${quoted(name)} leads out of ${folder}`,
    why: "names that come from data may never leave their folder",
    fix: "use a plain name inside the project",
  });
}
