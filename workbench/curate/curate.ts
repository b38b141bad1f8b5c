import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { DatasetManifest, FunnelStep, Split } from "../schema/dataset.ts";
import { build } from "../select/build.ts";
import type { Built } from "../select/build.ts";
import { isRefused } from "../stats/refused.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { codeFacts } from "../store/host-facts.ts";
import { verifyFiles } from "../store/hash.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import type { NamedDefinition } from "./definition.ts";
import { loadDefinition } from "./definition.ts";
import type { Inputs } from "./inputs.ts";
import { readInputs } from "./inputs.ts";
import type { Store } from "./sources.ts";
import { storeOf } from "./store.ts";
import { listVersions } from "./versions.ts";
import { writeVersion } from "./write-version.ts";

export interface CurateRequest {
  readonly project: Project;
  /** A name (`routing-sft`) or a path inside the project (`datasets/routing-sft.dataset.yaml`). */
  readonly definition: string;
  /** ISO instant: the dataset as it would have been then. Default: everything stored. */
  readonly asOf?: string | undefined;
}

/** What a build comes to. `reused` is true when this version was there already. */
export interface DatasetReport {
  readonly ref: string;
  readonly name: string;
  readonly kind: "sft" | "preference";
  readonly digest: string;
  /** Relative to the project. */
  readonly folder: string;
  readonly reused: boolean;
  readonly rows: number;
  readonly splits: Readonly<Record<Split, number>>;
  readonly funnel: readonly FunnelStep[];
  readonly contamination: DatasetManifest["contamination"];
  readonly warnings: readonly string[];
}

/**
 * Builds the dataset version that a definition and the stored interactions come to, or finds it
 * built already. Definition → rows → steps → files → one rename; the manifest is the last file.
 */
export async function curate(request: CurateRequest, effects: Effects = realEffects): Promise<DatasetReport> {
  const named = await loadDefinition(request.project, request.definition, effects);
  return curateFrom({ ...request, named, store: storeOf(request.project, effects) }, effects);
}

export interface BuildRequest {
  readonly project: Project;
  readonly named: NamedDefinition;
  readonly store: Store;
  readonly asOf?: string | undefined;
  /** Only these imports, and the clock to write: what a rebuild takes from a manifest. */
  readonly from?: DatasetManifest;
}

/** `curate` with the definition read and the store given. */
export async function curateFrom(
  request: BuildRequest,
  effects: Effects = realEffects,
): Promise<DatasetReport> {
  const { project, named } = request;
  const lock = join(project.private, "locks", `dataset-${named.name}.lock`);
  const work = async (): Promise<DatasetReport> => {
    const imports = request.from?.clock["imports"] as readonly string[] | undefined;
    const inputs = await readInputs({ ...request, imports }, effects);
    const there = request.from ? null : await alreadyBuilt(project, inputs, effects);
    if (there) return reportOf(there, true);
    const built = buildOrExplain(inputs);
    const clock = request.from?.clock ?? (await clockNow(project, inputs, effects));
    const manifest = await writeVersion({ project, inputs, built, clock, from: request.from }, effects);
    return reportOf(manifest, false);
  };
  return withLock(lock, `curate ${named.name}`, work, effects);
}

/** The version with exactly these inputs, its files checked; null when there is none. */
async function alreadyBuilt(
  project: Project,
  inputs: Inputs,
  effects: Effects,
): Promise<DatasetManifest | null> {
  for (const { folder, manifest } of await listVersions(project, inputs.named.name, effects)) {
    if (manifest.inputsSha256 !== inputs.sha256) continue;
    await verifyFiles(folder, manifest.files, effects);
    return manifest;
  }
  return null;
}

function buildOrExplain({ named, source, suites, screens }: Inputs): Built {
  const { definition, file } = named;
  const built = build(source.rows, definition, { suites, screens });
  if (isRefused(built))
    throw new WorkbenchError({
      code: "WB_SPLIT_IMPOSSIBLE",
      where: file,
      what: built.reason,
      why: `the definition allows ${definition.split.maxComponent} of the rows in one group`,
      fix: "raise split.maxComponent, or leave a kind of tie out of split.groupBy if it is no leak here",
    });
  if (built.sides.train.length > 0) return built;
  const worst = [...built.funnel].sort((a, b) => b.in - b.out - (a.in - a.out))[0];
  throw new WorkbenchError({
    code: "WB_DATASET_EMPTY",
    where: file,
    what: `no row is left for training of ${source.rows.length} that the sources hold`,
    why:
      source.rows.length === 0
        ? "no stored interaction fits the sources; `workbench ingest --label` sets the label"
        : `most were removed by the step ${worst?.step ?? "none"}: ${JSON.stringify(worst?.removed ?? {})}`,
    fix:
      source.rows.length === 0
        ? "check sources, or ingest the logs first"
        : "loosen that step in the definition",
  });
}

async function clockNow(
  project: Project,
  { source }: Inputs,
  effects: Effects,
): Promise<DatasetManifest["clock"]> {
  const { commit } = await codeFacts(project.root, effects);
  return { at: effects.now().toISOString(), commit, node: process.version, imports: source.imports };
}

export function reportOf(manifest: DatasetManifest, reused: boolean): DatasetReport {
  const { name, kind, digest, splits, funnel, contamination } = manifest;
  const ref = `${name}@${digest.slice(0, 12)}`;
  return {
    ref,
    name,
    kind,
    digest,
    folder: `datasets/${ref}`,
    reused,
    rows: splits.train + splits.val + splits.test,
    splits,
    funnel,
    contamination,
    warnings: manifest.warnings ?? [],
  };
}
