import { join } from "node:path";
import { catalogFiles } from "../../catalog/index-project.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";

/** What holds rows and is made again by whoever needs it: the catalog, its packs, and what queries and imports spill. */
export async function disposablePaths(project: Project, effects: Effects): Promise<readonly string[]> {
  const spills = ["tmp", "ingest-tmp", "ingest-spill"].map((name) => join(project.private, name));
  return [...(await catalogFiles(project, effects)), ...spills];
}

/** Where `workbench report` writes. */
export const pageFolders = (project: Project): readonly string[] => [
  join(project.root, "dist"),
  ...["index.md", "experiments", "runs", "datasets", "data", ".observablehq"].map((name) =>
    join(project.reports, name),
  ),
];
