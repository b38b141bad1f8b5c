import { join } from "node:path";
import type { EvalResult, SampleRow } from "../schema/run.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Evidence, Loaded, Source } from "./evidence.ts";
import { readEvidence, readLines, readSamples, sourceOf } from "./evidence.ts";
import type { Overview } from "./overview/overview.ts";
import { boardPage } from "./pages/board.ts";
import type { CostPageData } from "./cost-page-data.ts";
import { costPage } from "./pages/cost.ts";
import { datasetPage } from "./pages/dataset.ts";
import { evalRunPage } from "./pages/eval-run.ts";
import { experimentPage, worstPairs } from "./pages/experiment.ts";
import { SHOWN_IMPORTS } from "./pages/overview-imports.ts";
import { overviewPage } from "./pages/overview.ts";
import { trainRunPage } from "./pages/train-run.ts";

const SHARD_ROWS = 250;
const GENERATED = ["index.md", "overview.md", "cost.md", "experiments", "runs", "datasets", "data"];

export interface ExportOptions {
  /** False leaves every sample out, for a wider audience. */
  readonly samples: boolean;
  /** What the cost page shows; null says that it was not computed. */
  readonly costs?: CostPageData | null;
  /** What the overview page shows; null says that nothing was imported. */
  readonly overview?: Overview | null;
}

export interface ExportReport {
  readonly pages: readonly string[];
  readonly decisions: number;
  readonly unreadable: Evidence["unreadable"];
}

/** Writes one Markdown page per decision, run and dataset, and JSON for what scripts may show. */
export async function exportPages(
  project: Project,
  options: ExportOptions,
  effects: Effects,
): Promise<ExportReport> {
  const evidence = await readEvidence(project, effects);
  for (const name of GENERATED) await effects.remove(join(project.reports, name));
  const pages: string[] = [];
  const put = async (path: string, text: string, at: string): Promise<void> => {
    const full = join(project.reports, path);
    await replaceFile(full, text, effects);
    // Framework stamps a page's attachments with their times: the run's time keeps builds byte-equal.
    await effects.setTimes(full, new Date(at));
    if (path.endsWith(".md")) pages.push(path);
  };
  const samples = new Map<string, readonly SampleRow[]>();
  for (const run of evidence.evals) samples.set(run.id, await readSamples(project, run, effects));
  const writer: Writer = { project, evidence, samples, options, put, effects };
  await put("index.md", boardPage(evidence), newest(evidence));
  await writeOverview(writer);
  await put("cost.md", costPage(options.costs ?? null), newest(evidence));
  for (const decision of evidence.decisions) await writeExperiment(writer, decision);
  for (const run of evidence.evals) await writeEvalRun(writer, run);
  await writeTrainRuns(writer);
  await writeDatasets(writer);
  return { pages, decisions: evidence.decisions.length, unreadable: evidence.unreadable };
}

interface Writer {
  readonly project: Project;
  readonly evidence: Evidence;
  readonly samples: ReadonlyMap<string, readonly SampleRow[]>;
  readonly options: ExportOptions;
  readonly put: (path: string, text: string, at: string) => Promise<void>;
  readonly effects: Effects;
}

const EPOCH = "2026-01-01T00:00:00.000Z";

function newest({ decisions }: Evidence): string {
  return decisions[0]?.result.envelope.at ?? EPOCH;
}

/** The store's page stands on the manifests of its newest imports. */
async function writeOverview({ project, options, put, effects }: Writer): Promise<void> {
  const overview = options.overview ?? null;
  const sources: Source[] = [];
  for (const { id } of overview?.imports.slice(0, SHOWN_IMPORTS) ?? [])
    sources.push(await sourceOf(project, join(".workbench", "interactions", id, "manifest.json"), effects));
  await put("overview.md", overviewPage({ overview, sources }), overview?.imports[0]?.at ?? EPOCH);
}

async function writeExperiment(writer: Writer, decision: Evidence["decisions"][number]): Promise<void> {
  const { evidence, options, samples, put, project, effects } = writer;
  const at = decision.result.envelope.at;
  const evidenceFiles = decision.result.computed.evidence.map(({ path }) => path);
  const evalRun =
    evidence.evals.find(({ folder }) => evidenceFiles.some((path) => path.startsWith(`${folder}/`))) ?? null;
  const rows = evalRun === null ? [] : (samples.get(evalRun.id) ?? []);
  const pairs = options.samples ? worstPairs(decision.result, rows) : [];
  const pairsFile = pairs.length === 0 ? null : `${decision.id}-pairs.json`;
  if (pairsFile !== null) await put(`data/${pairsFile}`, jsonText(pairs), at);
  const sources: Source[] = [...decision.sources];
  for (const path of evidenceFiles) {
    if (sources.some((source) => source.path === path)) continue;
    if (await effects.stat(join(project.root, path))) sources.push(await sourceOf(project, path, effects));
  }
  await put(
    `experiments/${decision.id}.md`,
    experimentPage({ decision, evalRun: evalRun?.id ?? null, sources, pairsFile }),
    at,
  );
}

async function writeEvalRun(writer: Writer, run: Loaded<EvalResult>): Promise<void> {
  const { evidence, options, samples, put } = writer;
  const at = run.manifest?.at ?? EPOCH;
  const rows = samples.get(run.id) ?? [];
  const decisions = evidence.decisions
    .filter(({ result }) => result.computed.evidence.some(({ path }) => path.startsWith(`${run.folder}/`)))
    .map(({ id, result }) => ({ id, question: result.computed.question }));
  const shards: string[] = [];
  if (options.samples) {
    await put(`data/${run.id}-index.json`, jsonText(sampleIndex(rows, run.result)), at);
    for (let from = 0; from < rows.length; from += SHARD_ROWS) {
      const shard = `${run.id}-samples-${shards.length}.json`;
      await put(`data/${shard}`, jsonText(rows.slice(from, from + SHARD_ROWS).map(sampleText)), at);
      shards.push(shard);
    }
  }
  const browser = options.samples ? { index: `${run.id}-index.json`, shards } : null;
  await put(`runs/${run.id}.md`, evalRunPage({ run, decisions, samples: browser }), at);
}

/** Columns of the sample browser, about 40 bytes a row; texts are fetched when a row is opened. */
function sampleIndex(rows: readonly SampleRow[], result: EvalResult): unknown {
  return {
    arms: result.arms.map(({ arm }) => arm),
    shardRows: SHARD_ROWS,
    rows: rows.map(({ label, sampleId, arm, epoch, status, scores, latencyMs, slices }) => ({
      label,
      item: sampleId.slice(0, 12),
      arm,
      epoch,
      status,
      scores: Object.fromEntries(Object.entries(scores).map(([name, { value }]) => [name, value])),
      latencyMs: latencyMs === null ? null : Math.round(latencyMs),
      slices: Object.entries(slices).map(([name, value]) => `${name} = ${value}`),
    })),
  };
}

function sampleText({
  input,
  expected,
  output,
  error,
  scores,
  finishReason,
  costUsd,
  outputTokens,
}: SampleRow): unknown {
  return { input, expected, output, error, scores, finishReason, costUsd, outputTokens };
}

async function writeTrainRuns({ evidence, project, put, effects }: Writer): Promise<void> {
  for (const run of evidence.trains) {
    const metrics = await readLines(project, join(run.folder, "metrics.jsonl"), effects);
    const lockPath = join(project.root, run.folder, "recipe.lock.json");
    const lock = (await effects.stat(lockPath))
      ? (JSON.parse(Buffer.from(await effects.read(lockPath)).toString("utf8")) as {
          effective?: Record<string, unknown>;
        })
      : {};
    const dataset = evidence.datasets.find(({ result }) => result.digest === run.result.dataset.digest);
    const parts = {
      run,
      metrics,
      effective: lock.effective ?? {},
      datasetPage: dataset ? pageName(dataset.id) : null,
    };
    await put(`runs/${run.id}.md`, trainRunPage(parts), run.manifest?.at ?? EPOCH);
  }
}

async function writeDatasets({ evidence, put }: Writer): Promise<void> {
  for (const dataset of evidence.datasets) {
    const runs = evidence.trains
      .filter(({ result }) => result.dataset.digest === dataset.result.digest)
      .map(({ id, result }) => ({ id, recipe: result.recipe }));
    await put(`datasets/${pageName(dataset.id)}.md`, datasetPage(dataset, runs), dataset.result.clock.at);
  }
}

/** `routing-sft@4c1d…` as a page's name: `@` means something to some file hosts. */
function pageName(id: string): string {
  return id.replace("@", "-");
}
