import { picoOf, priceTable, usdOf } from "../cost/price.ts";
import { loadConfig } from "../store/config.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { loadPrices } from "../store/prices.ts";
import { periodStarts, spentSince } from "../store/spending.ts";
import { readCalls } from "./log-costs.ts";

/** One budget against what rows say was spent. */
export interface BudgetState {
  /** `run`, `day`, `month`, or `agent <name> a day` and `a month`. */
  readonly budget: string;
  readonly limitUsd: number;
  /** Null for `run`, which each run keeps for itself. */
  readonly spentUsd: number | null;
  /** Calls whose price is not known: the sum is too low by what they cost. */
  readonly unpriced: number;
  readonly state: "ok" | "alert" | "over" | "kept by each run";
}

const ALERT_AT = 0.8;

/** Every declared budget with what was spent in its running period, by the rows of runs and logs. */
export async function budgetStates(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly BudgetState[]> {
  const config = await loadConfig(project, effects);
  const starts = periodStarts(effects.now());
  const states: BudgetState[] = [];
  const { run, day, month, agents } = config.budgets;
  if (run !== undefined)
    states.push({
      budget: "run",
      limitUsd: run.usd,
      spentUsd: null,
      unpriced: 0,
      state: "kept by each run",
    });
  for (const [name, limit] of [
    ["day", day],
    ["month", month],
  ] as const) {
    if (limit === undefined) continue;
    const { usd, unpriced } = await spentSince(project, starts[name], effects);
    states.push(stateOf(name, limit.usd, usd, unpriced));
  }
  if (Object.keys(agents).length === 0) return states;
  const prices = priceTable(await loadPrices(project, config.prices, effects));
  const spent = new Map<string, { pico: bigint; unpriced: number }>();
  for await (const { call, picoUsd } of readCalls(project, { config, prices }, effects))
    for (const period of ["day", "month"] as const) {
      if (call.agent === null || call.at === null || call.at < starts[period]) continue;
      const key = `${call.agent}\n${period}`;
      const was = spent.get(key) ?? { pico: 0n, unpriced: 0 };
      spent.set(key, {
        pico: was.pico + (picoUsd ?? 0n),
        unpriced: was.unpriced + (picoUsd === null ? 1 : 0),
      });
    }
  for (const [agent, { dayUsd, monthUsd }] of Object.entries(agents))
    for (const [period, limit] of [
      ["day", dayUsd],
      ["month", monthUsd],
    ] as const) {
      if (limit === undefined) continue;
      const { pico, unpriced } = spent.get(`${agent}\n${period}`) ?? { pico: picoOf(0), unpriced: 0 };
      states.push(stateOf(`agent ${agent} a ${period}`, limit, usdOf(pico), unpriced));
    }
  return states;
}

function stateOf(budget: string, limitUsd: number, spentUsd: number, unpriced: number): BudgetState {
  const state = spentUsd >= limitUsd ? "over" : spentUsd >= ALERT_AT * limitUsd ? "alert" : "ok";
  return { budget, limitUsd, spentUsd, unpriced, state };
}
