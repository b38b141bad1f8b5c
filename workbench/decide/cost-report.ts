import { join } from "node:path";
import { picoOf, usdOf } from "../cost/price.ts";
import {
  breakEvenMonths,
  monthlyUsd,
  netPresentValueUsd,
  returnOnInvestment,
  type Investment,
} from "../cost/projection.ts";
import type { CostCard } from "../schema/decision.ts";
import { EvalResult, RunManifest, TrainResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readJson } from "../store/read-json.ts";
import { readSamples } from "./evidence.ts";

/** What one finished run cost; null is not known. */
export interface RunCost {
  readonly run: string;
  readonly kind: RunManifest["kind"];
  readonly name: string;
  readonly requests: number | null;
  readonly pricedRequests: number | null;
  /** Of the priced requests alone, whose share stands beside it. */
  readonly requestUsd: number | null;
  readonly judgeUsd: number | null;
  readonly trainingUsd: number | null;
  readonly trainingSeconds: number | null;
}

/** Cost of every finished eval and training run, in run id order. */
export async function costReport(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly RunCost[]> {
  const costs: RunCost[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    if (!(await effects.stat(join(folder, "result.json")))) continue;
    if (!(await effects.stat(join(folder, "manifest.json")))) continue;
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (!manifest.success) continue;
    const cost = await runCost(folder, manifest.data, effects);
    if (cost !== null) costs.push(cost);
  }
  return costs;
}

async function runCost(
  folder: string,
  { id, kind, name }: RunManifest,
  effects: Effects,
): Promise<RunCost | null> {
  const blank = {
    run: id,
    kind,
    name,
    requests: null,
    pricedRequests: null,
    requestUsd: null,
    judgeUsd: null,
  };
  const result = await readJson(join(folder, "result.json"), effects);
  const trained = TrainResult.safeParse(result);
  if (trained.success)
    return { ...blank, trainingUsd: trained.data.costUsd, trainingSeconds: trained.data.seconds };
  if (!EvalResult.safeParse(result).success) return null;
  const rows = await readSamples(join(folder, "samples.jsonl"), effects);
  const total = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : usdOf(known.reduce((sum, usd) => sum + picoOf(usd), 0n));
  };
  return {
    ...blank,
    requests: rows.length,
    pricedRequests: rows.filter((row) => row.costUsd !== null).length,
    requestUsd: total(rows.map((row) => row.costUsd)),
    judgeUsd: total(rows.map((row) => row.judgeCostUsd)),
    trainingUsd: null,
    trainingSeconds: null,
  };
}

export interface Scenario {
  readonly requestsPerDay: number;
  /** Paid once beside the training that the card knows: labels, evaluation, engineering. */
  readonly oneOffUsd: number;
  readonly monthlyUpkeepUsd: number;
  readonly yearlyDiscount: number;
}

/** A decision's cost card carried over a team's volume; null where a price is not known. */
export interface Projected {
  readonly baselineUsdPerMonth: number | null;
  readonly candidateUsdPerMonth: number | null;
  readonly monthlySavingUsd: number | null;
  readonly oneOffUsd: number;
  readonly breakEvenMonths: number | "never" | null;
  readonly netPresentValueUsd: { readonly months12: number; readonly months24: number } | null;
  readonly returnOnInvestment: { readonly months12: number | null; readonly months24: number | null } | null;
  readonly notes: readonly string[];
}

export function project(card: CostCard, scenario: Scenario): Projected {
  const month = (usdPerThousand: number | null): number | null =>
    usdPerThousand === null ? null : monthlyUsd(scenario.requestsPerDay, usdPerThousand / 1000);
  const baseline = month(card.baseline.usdPerThousand);
  const candidate = month(card.candidate.usdPerThousand);
  const oneOffUsd = scenario.oneOffUsd + (card.training?.usd ?? 0);
  const notes = card.training?.usd === null ? ["the training cost is not known and not in the one-off"] : [];
  const shared = { baselineUsdPerMonth: baseline, candidateUsdPerMonth: candidate, oneOffUsd };
  if (baseline === null || candidate === null) {
    const unknown = {
      monthlySavingUsd: null,
      breakEvenMonths: null,
      netPresentValueUsd: null,
      returnOnInvestment: null,
    };
    return { ...shared, ...unknown, notes: [...notes, ...card.notes] };
  }
  const it: Investment = { ...scenario, oneOffUsd, monthlySavingUsd: baseline - candidate };
  return {
    ...shared,
    monthlySavingUsd: it.monthlySavingUsd,
    breakEvenMonths: breakEvenMonths(it),
    netPresentValueUsd: { months12: netPresentValueUsd(it, 12), months24: netPresentValueUsd(it, 24) },
    returnOnInvestment: { months12: returnOnInvestment(it, 12), months24: returnOnInvestment(it, 24) },
    notes,
  };
}
