import { join } from "node:path";
import { openCatalog } from "../../catalog/catalog.ts";
import { sqlFile } from "../../catalog/sql.ts";
import { picoOf, priceTable, usdOf } from "../../cost/price.ts";
import { DatasetManifest } from "../../schema/dataset.ts";
import { EvalResult, RunManifest } from "../../schema/run.ts";
import { realEffects, type Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { readJson } from "../../store/read-json.ts";
import { loadConfig } from "../../store/config.ts";
import { loadPrices } from "../../store/prices.ts";
import { decisionOf } from "../decision-files.ts";
import { latestRun, readSamples } from "../evidence.ts";
import { logCosts } from "../log-costs.ts";
import { readLog, type Log } from "../log.ts";
import { registryOf, rowsOf, type Registry } from "../registry.ts";
import type { Facts } from "./facts.ts";

const DAY_MS = 86_400_000;

/** Reads everything that the five answers stand on. */
export async function gatherFacts(project: Project, effects: Effects = realEffects): Promise<Facts> {
  const log = await readLog(project, effects);
  const registry = registryOf(log);
  const production = productionOf(log, registry, effects.now());
  const config = await loadConfig(project, effects);
  const prices = priceTable(await loadPrices(project, config.prices, effects));
  const costs = await logCosts(project, { config, prices }, effects);
  const { examples, pairs } = await datasetSizes(project, effects);
  return {
    logs: await logFacts(project, production?.since ?? null, effects),
    usdPerMonth: costs.month?.usdPerMonth ?? null,
    examples,
    pairs,
    bases: await basesOf(project, effects),
    untrained: await untrainedArms(project, effects),
    decision: await decisionFacts(project, registry, effects),
    production,
  };
}

async function logFacts(project: Project, since: string | null, effects: Effects): Promise<Facts["logs"]> {
  const sql = await sqlFile("logs.sql", import.meta.url, effects);
  const catalog = await openCatalog(project, effects);
  try {
    const [row] = await catalog.rows<Facts["logs"]>(sql, { since });
    if (!row) throw new Error("an aggregate has one row");
    return row;
  } finally {
    catalog.close();
  }
}

function productionOf(log: Log, registry: Registry, now: Date): Facts["production"] {
  const version = registry.aliases.production;
  if (version === null) return null;
  const moved = rowsOf(log, "alias.moved").findLast(({ data }) => data["alias"] === "production");
  const since = moved?.at ?? now.toISOString();
  return { version, since, days: (now.getTime() - Date.parse(since)) / DAY_MS };
}

async function datasetSizes(
  project: Project,
  effects: Effects,
): Promise<{ readonly examples: number | null; readonly pairs: number | null }> {
  const most: Record<DatasetManifest["kind"], number | null> = { sft: null, preference: null };
  for (const name of await effects.list(project.datasets)) {
    const path = join(project.datasets, name, "manifest.json");
    if (!name.includes("@") || !(await effects.stat(path))) continue;
    const parsed = DatasetManifest.safeParse(await readJson(path, effects));
    if (!parsed.success) continue;
    const { kind, splits } = parsed.data;
    const rows = splits.train + splits.val + splits.test;
    most[kind] = Math.max(most[kind] ?? 0, rows);
  }
  return { examples: most.sft, pairs: most.preference };
}

async function basesOf(project: Project, effects: Effects): Promise<Facts["bases"]> {
  const folder = join(project.recipes, "bases");
  const bases: { name: string; bytes: number }[] = [];
  for (const name of await effects.list(folder)) {
    let bytes = 0;
    for (const file of await effects.list(join(folder, name)))
      if (file.endsWith(".safetensors")) bytes += (await effects.stat(join(folder, name, file)))?.size ?? 0;
    if (bytes > 0) bases.push({ name: `bases/${name}`, bytes });
  }
  return bases;
}

/** Arms that no training of ours made, of the newest finished eval run with two of them. */
async function untrainedArms(project: Project, effects: Effects): Promise<Facts["untrained"]> {
  const runs: { readonly id: string; readonly at: string; readonly result: EvalResult }[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    if (!(await effects.stat(join(folder, "result.json")))) continue;
    if (!(await effects.stat(join(folder, "manifest.json")))) continue;
    const result = EvalResult.safeParse(await readJson(join(folder, "result.json"), effects));
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (result.success && manifest.success) runs.push({ id, at: manifest.data.at, result: result.data });
  }
  const fits = runs.filter(({ result }) => result.arms.filter(({ run }) => run === null).length >= 2);
  const newest = fits.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (!newest) return [];
  const rows = await readSamples(join(project.runs, newest.id, "samples.jsonl"), effects);
  return newest.result.arms
    .filter(({ run }) => run === null)
    .map(({ arm }) => {
      const own = rows.filter((row) => row.arm === arm && row.status !== "contaminated");
      const judged = own.filter(({ success }) => success !== null);
      const isPriced = own.length > 0 && own.every(({ costUsd }) => costUsd !== null);
      const pico = own.reduce((sum, { costUsd }) => sum + picoOf(costUsd ?? 0), 0n);
      return {
        arm,
        success: judged.length === 0 ? null : judged.filter(({ success }) => success).length / judged.length,
        usdPerThousand: isPriced ? (usdOf(pico) / own.length) * 1000 : null,
      };
    });
}

async function decisionFacts(
  project: Project,
  registry: Registry,
  effects: Effects,
): Promise<Facts["decision"]> {
  const run = await latestRun(project, "decision", effects).catch(() => null);
  if (run === null) return null;
  const { decision } = await decisionOf(project, run, effects);
  const { verdict, reasons, sentence, baseline, candidate } = decision.computed;
  const now = registry.models.find(({ version }) => version === registry.aliases.production);
  return {
    run,
    verdict,
    reasons,
    sentence,
    baselineIsProduction: now === undefined ? null : now.run === baseline.run,
    registered: registry.models.some((model) => model.run === candidate.run),
  };
}
