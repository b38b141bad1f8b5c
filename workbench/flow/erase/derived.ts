import { join } from "node:path";
import { MARKER_FILE, addMarker, erasureMarker } from "../../catalog/tombstones.ts";
import { replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import type { Needles } from "./needles.ts";
import type { Trace } from "./traces.ts";

/** A dataset version that was built from rows of the person. */
export interface DatasetTrace {
  readonly folder: string;
  /** Whether a row stands in train, val or test; else only among the rejected. */
  readonly isIn: boolean;
}

/** Everything outside the interaction store that holds something of the person, by what becomes of it. */
export interface Derived {
  readonly datasets: readonly DatasetTrace[];
  /** Files of runs: the lines go, the run is marked. */
  readonly runs: readonly Trace[];
  /** Caches: the lines go. */
  readonly caches: readonly Trace[];
  /** Made by `workbench report`, and made again by it. */
  readonly pages: readonly Trace[];
  /** Written by people, or from elsewhere: reported, never touched. */
  readonly foreign: readonly Trace[];
}

const PAGES = /^(?:dist|reports\/(?:index\.md$|(?:experiments|runs|datasets|data|\.observablehq)\/))/;
// The registry's log is chained by hashes: a line taken out would break it.
const RUN = /^runs\/(?!registry\/)[^/]+\/./;
const DATASET = /^datasets\/(\.?[a-z0-9][a-z0-9-]{0,62}@[^/]+)\/(.+)$/;

/** Sorts traces by where they lie. */
export function sortTraces(traces: readonly Trace[]): Derived {
  const datasets = new Map<string, boolean>();
  for (const { shown } of traces) {
    const [, folder, file = ""] = DATASET.exec(shown) ?? [];
    if (folder !== undefined)
      datasets.set(folder, (datasets.get(folder) ?? false) || /^(?:train|val|test)\./.test(file));
  }
  const others = traces.filter(({ shown }) => !DATASET.test(shown));
  const under = (pattern: RegExp): readonly Trace[] => others.filter(({ shown }) => pattern.test(shown));
  return {
    datasets: [...datasets].map(([folder, isIn]) => ({ folder, isIn })),
    runs: under(RUN),
    caches: under(/^\.workbench\//),
    pages: under(PAGES),
    foreign: others.filter(
      ({ shown }) => !RUN.test(shown) && !/^\.workbench\//.test(shown) && !PAGES.test(shown),
    ),
  };
}

export interface Marking {
  readonly project: Project;
  readonly erasure: { readonly id: string; readonly at: string };
  readonly needles: Needles;
}

/** Marks a dataset version, then deletes its files. A stage of an interrupted build just goes. */
export async function eraseDataset(
  { folder, isIn }: DatasetTrace,
  { project, erasure }: Marking,
  effects: Effects,
): Promise<void> {
  const path = join(project.datasets, folder);
  if (folder.startsWith(".")) return effects.remove(path);
  const because = isIn
    ? "rows of an erased person stood in it"
    : "rows of an erased person stood among its rejected rows";
  await addMarker(path, { ...erasure, because, held: isIn }, effects);
  for (const name of await effects.list(path))
    if (name !== "manifest.json" && name !== MARKER_FILE) await effects.remove(join(path, name));
}

/** Takes the lines out of a text file, or the texts out of a line that is the whole file. */
export async function scrub({ path }: Trace, needles: Needles, effects: Effects): Promise<void> {
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const isLines = /\.(?:jsonl|log)$/.test(path);
  const clean = isLines
    ? text
        .split("\n")
        .filter((line) => !needles.isIn(Buffer.from(line)))
        .join("\n")
    : needles.without(text);
  await replaceFile(path, clean, effects);
}

/** Dataset versions whose files this erasure has deleted, with the digest they are known by. */
export async function erasedVersions(
  { project, erasure }: Omit<Marking, "needles">,
  effects: Effects,
): Promise<readonly { readonly ref: string; readonly held: boolean; readonly digest: string }[]> {
  const versions = [];
  for (const ref of await effects.list(project.datasets)) {
    const folder = join(project.datasets, ref);
    const mark = (await erasureMarker(folder, effects))?.erasures.find(({ id }) => id === erasure.id);
    if (!mark) continue;
    const manifest: unknown = JSON.parse(
      Buffer.from(await effects.read(join(folder, "manifest.json"))).toString(),
    );
    versions.push({
      ref,
      held: mark["held"] === true,
      digest: String((manifest as { digest?: unknown }).digest),
    });
  }
  return versions;
}

/**
 * Marks every run that names one of `names` (digests of dataset versions) in its manifest or result,
 * then every run that names a marked one: adapters, their evaluations, the decisions on them.
 */
export async function markRuns(
  names: readonly string[],
  { project, erasure }: Omit<Marking, "needles">,
  effects: Effects,
): Promise<readonly string[]> {
  const texts = new Map<string, string>();
  for (const run of await effects.list(project.runs))
    for (const file of ["manifest.json", "result.json"]) {
      const path = join(project.runs, run, file);
      if (await effects.stat(path))
        texts.set(run, (texts.get(run) ?? "") + Buffer.from(await effects.read(path)).toString("utf8"));
    }
  const marked = new Set<string>();
  for (let wanted = names; wanted.length > 0;) {
    const found = [...texts.keys()].filter(
      (run) => !marked.has(run) && wanted.some((name) => texts.get(run)?.includes(name)),
    );
    for (const run of found) {
      const name = wanted.find((one) => texts.get(run)?.includes(one)) ?? "";
      const because = `it depends on ${name.slice(0, 12)}, which held rows of an erased person`;
      await addMarker(join(project.runs, run), { ...erasure, because }, effects);
      marked.add(run);
    }
    wanted = found;
  }
  return [...marked].sort();
}
