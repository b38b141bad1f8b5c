import { posix } from "node:path";
import { allImports } from "../../catalog/segments.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { evidenceRef, type EvidenceRef } from "../evidence.ts";
import { listExposures } from "./exposure-segments.ts";

interface Named {
  readonly imports: readonly string[];
  readonly exposures: readonly string[];
  readonly name: string;
  /** The decision's own run. */
  readonly run: string;
}

/** Every file an online decision stands on, by digest: segments, exposures, the experiment, its rules and facts. */
export async function onlineRefs(
  project: Project,
  { imports, exposures, name, run }: Named,
  effects: Effects,
): Promise<readonly EvidenceRef[]> {
  const refs: EvidenceRef[] = [];
  for (const { id, files, counts } of await allImports(project, effects))
    if (imports.includes(id))
      for (const { path, sha256, bytes } of files.filter((file) => file.path.endsWith(".parquet")))
        refs.push({
          path: posix.join(".workbench/interactions", id, path),
          sha256,
          bytes,
          role: "interactions",
          rows: counts.stored,
        });
  for (const { id, files, counts } of await listExposures(project, effects))
    if (exposures.includes(id))
      for (const { path, sha256, bytes } of files.filter((file) => file.path.endsWith(".parquet")))
        refs.push({
          path: posix.join(".workbench/exposures", id, path),
          sha256,
          bytes,
          role: "exposures",
          rows: counts.stored,
        });
  const own = async (path: string, role: string): Promise<EvidenceRef> => ({
    ...(await evidenceRef(project, path, effects)),
    role,
    rows: 1,
  });
  return [
    ...refs,
    await own(posix.join("evals/experiments", `${name}.json`), "experiment"),
    await own(posix.join("runs", run, "policy.json"), "policy"),
    await own(posix.join("runs", run, "facts.json"), "facts"),
  ];
}
