import { join } from "node:path";
import { z } from "zod";
import { Account, ledgerView, type LedgerView } from "../cost/ledger.ts";
import { oddText, picoOf, priceTable, usdOf } from "../cost/price.ts";
import { EvalResult, RunManifest, TrainResult, type SampleRow } from "../schema/run.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { scanJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import { loadPrices } from "../store/prices.ts";
import { readJson } from "../store/read-json.ts";
import { readSamples } from "./evidence.ts";
import { logCosts, type LogCosts, type Segment } from "./log-costs.ts";

/** What one finished run cost; null is not known. */
export interface RunCost {
  readonly run: string;
  readonly kind: RunManifest["kind"];
  readonly name: string;
  readonly requests: number | null;
  readonly pricedRequests: number | null;
  /** Of the priced requests alone, whose share stands beside it. */
  readonly requestUsd: number | null;
  /** Samples that ended without an answer; what they cost nobody was told. */
  readonly failed: number | null;
  /** Calls made again after one that failed, as the journal counts them. */
  readonly retries: number | null;
  readonly judgeUsd: number | null;
  readonly trainingUsd: number | null;
  readonly trainingSeconds: number | null;
}

export interface CostReport {
  readonly runs: readonly RunCost[];
  /** Everything that finished runs are known to have cost, by what it was for. */
  readonly ledger: LedgerView;
  /** Null where nothing is logged. */
  readonly logs: LogCostsView | null;
  /** Price rows that look like a slip of their unit. */
  readonly odd: readonly string[];
  readonly pricesSha256: string;
}

/** `LogCosts` as JSON and pages show it. */
export type LogCostsView = Omit<LogCosts, "ledger" | "segments"> & {
  readonly ledger: LedgerView;
  readonly segments: readonly (Omit<Segment, "ledger"> & { readonly ledger: LedgerView })[];
};

/** Cost of every finished eval and training run, in run id order, and of the stored logs. */
export async function costReport(project: Project, effects: Effects = realEffects): Promise<CostReport> {
  const config = await loadConfig(project, effects);
  const prices = priceTable(await loadPrices(project, config.prices, effects));
  const account = new Account();
  const runs: RunCost[] = [];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    if (!(await effects.stat(join(folder, "result.json")))) continue;
    if (!(await effects.stat(join(folder, "manifest.json")))) continue;
    const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
    if (!manifest.success) continue;
    const cost = await runCost(folder, manifest.data, account, effects);
    if (cost !== null) runs.push(cost);
  }
  const logs = await logCosts(project, { config, prices }, effects);
  return {
    runs,
    ledger: ledgerView(account.ledger()),
    logs: logs.calls === 0 ? null : logsView(logs),
    odd: prices.odd.map(oddText),
    pricesSha256: prices.sha256,
  };
}

export function logsView(logs: LogCosts): LogCostsView {
  return {
    ...logs,
    ledger: ledgerView(logs.ledger),
    segments: logs.segments.map((one) => ({ ...one, ledger: ledgerView(one.ledger) })),
  };
}

async function runCost(
  folder: string,
  { id, kind, name }: RunManifest,
  account: Account,
  effects: Effects,
): Promise<RunCost | null> {
  const of = { run: id, kind, name };
  const result = await readJson(join(folder, "result.json"), effects);
  const trained = TrainResult.safeParse(result);
  if (trained.success) {
    const { costUsd, seconds } = trained.data;
    account.add({ purpose: "training", picoUsd: costUsd === null ? null : picoOf(costUsd), tokens: null });
    return { ...of, ...NO_REQUESTS, trainingUsd: costUsd, trainingSeconds: seconds };
  }
  if (!EvalResult.safeParse(result).success) return null;
  const rows = (await readSamples(join(folder, "samples.jsonl"), effects)).filter(
    ({ status }) => status !== "contaminated",
  );
  for (const row of rows) enter(row, account);
  const priced = rows.filter(({ costUsd }) => costUsd !== null);
  return {
    ...of,
    requests: rows.length,
    pricedRequests: priced.length,
    requestUsd: totalUsd(rows.map(({ costUsd }) => costUsd)),
    failed: rows.filter(({ status }) => status === "failed").length,
    retries: await retriesOf(folder, effects),
    judgeUsd: totalUsd(rows.map(({ judgeCostUsd }) => judgeCostUsd)),
    trainingUsd: null,
    trainingSeconds: null,
  };
}

const NO_REQUESTS = {
  requests: null,
  pricedRequests: null,
  requestUsd: null,
  failed: null,
  retries: null,
  judgeUsd: null,
};

function enter(
  { status, costUsd, judgeCostUsd, inputTokens, outputTokens }: SampleRow,
  account: Account,
): void {
  const tokens =
    inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);
  const picoUsd = costUsd === null ? null : picoOf(costUsd);
  account.add({ purpose: status === "failed" ? "failed" : "answers", picoUsd, tokens });
  if (judgeCostUsd !== null) account.add({ purpose: "judges", picoUsd: picoOf(judgeCostUsd), tokens: null });
}

function totalUsd(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : usdOf(known.reduce((sum, usd) => sum + picoOf(usd), 0n));
}

/** Attempts beyond the first of each call; null where the run kept no journal of calls. */
async function retriesOf(folder: string, effects: Effects): Promise<number | null> {
  let [retries, isKnown] = [0, false];
  const trace = z.looseObject({
    trace: z.looseObject({ requests: z.array(z.string()), stored: z.number(), attempts: z.number() }),
  });
  await scanJournal(
    join(folder, "events.jsonl"),
    ({ kind, data }) => {
      const told = kind === "sample.scored" ? trace.safeParse(data) : null;
      if (!told?.success) return;
      const { requests, stored, attempts } = told.data.trace;
      retries += Math.max(0, attempts - (requests.length - stored));
      isKnown = true;
    },
    effects,
  );
  return isKnown ? retries : null;
}
