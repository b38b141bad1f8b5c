import { join } from "node:path";
import type { z } from "zod";
import { asWorkbenchError } from "../errors/render.ts";
import { sha256 } from "../schema/canonical.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import { Decision } from "../schema/decision.ts";
import { EvalResult, RunManifest, SampleRow, TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

/** A file a page stands on, with the digest it had when the page was made. */
export interface Source {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
}

export interface Loaded<T> {
  readonly id: string;
  /** Relative to the project. */
  readonly folder: string;
  readonly result: T;
  readonly manifest: RunManifest | null;
  readonly sources: readonly Source[];
}

/** A run that cannot be read: the board shows it as INVALID with its error, the rest is still built. */
export interface Unreadable {
  readonly folder: string;
  readonly what: string;
}

export interface Evidence {
  readonly decisions: readonly Loaded<Decision>[];
  readonly evals: readonly Loaded<EvalResult>[];
  readonly trains: readonly Loaded<TrainResult>[];
  readonly datasets: readonly Loaded<DatasetManifest>[];
  readonly unreadable: readonly Unreadable[];
}

/** Reads every finished run and every dataset of a project. Unfinished runs have no result and no page. */
export async function readEvidence(project: Project, effects: Effects): Promise<Evidence> {
  const unreadable: Unreadable[] = [];
  const found: { decisions: Loaded<Decision>[]; evals: Loaded<EvalResult>[]; trains: Loaded<TrainResult>[] } =
    {
      decisions: [],
      evals: [],
      trains: [],
    };
  for (const id of await effects.list(project.runs)) {
    const folder = join("runs", id);
    if (!(await effects.stat(join(project.root, folder, "result.json")))) continue;
    try {
      const result = await readJson(project, join(folder, "result.json"), effects);
      const manifest = await optional(project, join(folder, "manifest.json"), RunManifest, effects);
      const sources = [result.source, ...(manifest ? [manifest.source] : [])];
      const base = { id, folder, manifest: manifest?.value ?? null, sources };
      const schema = (result.value as { schema?: unknown }).schema;
      if (schema === "workbench/decision@1")
        found.decisions.push({ ...base, result: Decision.parse(result.value) });
      else if (schema === "workbench/eval-result@1")
        found.evals.push({ ...base, result: EvalResult.parse(result.value) });
      else if (schema === "workbench/train-result@1")
        found.trains.push({ ...base, result: TrainResult.parse(result.value) });
    } catch (error) {
      unreadable.push({ folder, what: asWorkbenchError(error).message });
    }
  }
  const datasets: Loaded<DatasetManifest>[] = [];
  for (const name of (await effects.list(project.datasets)).filter((entry) => entry.includes("@"))) {
    const folder = join("datasets", name);
    try {
      const { value, source } = await readJson(project, join(folder, "manifest.json"), effects);
      datasets.push({
        id: name,
        folder,
        result: DatasetManifest.parse(value),
        manifest: null,
        sources: [source],
      });
    } catch (error) {
      unreadable.push({ folder, what: asWorkbenchError(error).message });
    }
  }
  const newestFirst = (a: Loaded<Decision>, b: Loaded<Decision>): number =>
    byText(b.result.envelope.at, a.result.envelope.at) || byText(a.id, b.id);
  return { ...found, decisions: found.decisions.sort(newestFirst), datasets, unreadable };
}

/** Code-unit order: the same on every machine, whatever its locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rows of an eval run, checked against the digest that its result gives them. */
export async function readSamples(
  project: Project,
  run: Loaded<EvalResult>,
  effects: Effects,
): Promise<readonly SampleRow[]> {
  const path = join(project.root, run.folder, "samples.jsonl");
  const bytes = Buffer.from(await effects.read(path));
  const named = run.result.files.find((file) => file.path === "samples.jsonl");
  if (named && named.sha256 !== sha256(bytes))
    throw new Error(`${run.folder}/samples.jsonl is not what its result names`);
  return bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => SampleRow.parse(JSON.parse(line)));
}

/** The lines of a JSONL file as plain objects; none when it is absent. A torn last line is left out. */
export async function readLines(
  project: Project,
  path: string,
  effects: Effects,
): Promise<readonly Record<string, unknown>[]> {
  const full = join(project.root, path);
  if (!(await effects.stat(full))) return [];
  const lines = Buffer.from(await effects.read(full))
    .toString("utf8")
    .split("\n")
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function sourceOf(project: Project, path: string, effects: Effects): Promise<Source> {
  // A record names its evidence, and a record is data: it may name nothing outside the project.
  const { sha256: digest } = await hashFile(await resolveInside(project.root, [path], effects), effects);
  return { path: path.replaceAll("\\", "/"), sha256: digest };
}

async function readJson(
  project: Project,
  path: string,
  effects: Effects,
): Promise<{ value: unknown; source: Source }> {
  const bytes = await effects.read(join(project.root, path));
  const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  return { value, source: { path: path.replaceAll("\\", "/"), sha256: sha256(bytes) } };
}

async function optional<S extends z.ZodType>(
  project: Project,
  path: string,
  schema: S,
  effects: Effects,
): Promise<{ value: z.output<S>; source: Source } | null> {
  if (!(await effects.stat(join(project.root, path)))) return null;
  const { value, source } = await readJson(project, path, effects);
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data, source } : null;
}
