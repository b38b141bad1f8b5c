import { join, relative } from "node:path";
import { flipPoints, type FlipPoint } from "../cost/flip-points.ts";
import { outcomeOf, type CaseOutcome, type PlainScenario } from "../cost/scenario.ts";
import { utilisationCurve } from "../cost/self-hosting.ts";
import { medianCase, simulate, type Simulated } from "../cost/simulate.ts";
import { optionCosts, switchPoints, type OptionCost, type SwitchPoint } from "../cost/switch-points.ts";
import { priceTable, usdOf } from "../cost/price.ts";
import { WorkbenchError } from "../errors/error.ts";
import { Scenario, type Way } from "../schema/scenario.ts";
import { parseYaml } from "../schema/yaml.ts";
import { isRefused, refused, type Refused } from "../stats/refused.ts";
import { loadConfig } from "../store/config.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import { resolveInside, type Project } from "../store/paths.ts";
import { loadPrices } from "../store/prices.ts";
import { logCosts, type LogCosts } from "./log-costs.ts";

/** A business case with all that is computed from it. Null stands beside the reason in `refused`. */
export interface BusinessCase {
  readonly scenario: string;
  readonly question: string;
  /** Every range at its median. */
  readonly outcome: CaseOutcome | null;
  readonly options: readonly OptionCost[];
  readonly switchPoints: readonly SwitchPoint[];
  readonly flipPoints: readonly FlipPoint[];
  readonly simulated: Simulated | null;
  /** USD per million tokens of each hosted way, by utilisation. */
  readonly curves: Readonly<Record<string, ReturnType<typeof utilisationCurve>>>;
  readonly horizonMonths: number;
  /** What came from the logs, with the interval of a later week, apart from the simulated ranges. */
  readonly fromLogs: {
    readonly requestsPerDay: number | null;
    readonly usdPerRequest: number | null;
    readonly usdPerMonth: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
  } | null;
  readonly refused: string | null;
}

/** Reads `evals/scenarios/<name>.yaml`, or a path inside the project. */
export async function loadScenario(project: Project, which: string, effects: Effects): Promise<Scenario> {
  const path = await resolveInside(
    project.root,
    [/\.ya?ml$/.test(which) ? which : `evals/scenarios/${which}.yaml`],
    effects,
  );
  const file = relative(project.root, path);
  if (!(await effects.stat(path)))
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: file,
      what: "there is no such scenario",
      fix: "write one: docs/cost.md shows every setting",
    });
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  return parseYaml(text, Scenario, { file, code: "WB_SCENARIO_INVALID" }).value;
}

/** Names in evals/scenarios/. */
export async function scenarioNames(project: Project, effects: Effects): Promise<readonly string[]> {
  return (await effects.list(join(project.evals, "scenarios")))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length));
}

/** Computes a scenario: at the medians, over its ranges, and beside the other ways to host. */
export async function businessCase(
  project: Project,
  which: string,
  effects: Effects = realEffects,
): Promise<BusinessCase> {
  const written = await loadScenario(project, which, effects);
  const logs = asksLogs(written) ? await projectLogs(project, effects) : null;
  const scenario = logs === null ? written : withLogs(written, logs);
  const head = {
    scenario: which,
    question: written.question,
    horizonMonths: written.horizonMonths,
    fromLogs: logs === null ? null : fromLogs(logs),
  };
  const settled = isRefused(scenario) ? scenario : settledCase(scenario);
  if (isRefused(settled))
    return {
      ...head,
      outcome: null,
      options: [],
      switchPoints: [],
      flipPoints: [],
      simulated: null,
      curves: {},
      refused: settled.reason,
    };
  return { ...head, ...settled, refused: null };
}

function settledCase(scenario: Scenario) {
  const plain = medianCase(scenario);
  const outcome = outcomeOf(plain);
  if (isRefused(outcome)) return outcome;
  const simulated = simulate(scenario);
  if (isRefused(simulated)) return simulated;
  return {
    outcome,
    simulated,
    options: optionCosts(plain),
    switchPoints: switchPoints(plain),
    flipPoints: flipPoints(plain),
    curves: curvesOf(plain),
  };
}

function curvesOf({ baseline, candidate, options }: PlainScenario): BusinessCase["curves"] {
  const named = Object.entries({ baseline, candidate, ...options });
  return Object.fromEntries(
    named.flatMap(([name, way]) => (way.kind === "hosted" ? [[name, utilisationCurve(way)] as const] : [])),
  );
}

async function projectLogs(project: Project, effects: Effects): Promise<LogCosts> {
  const config = await loadConfig(project, effects);
  const prices = priceTable(await loadPrices(project, config.prices, effects));
  return logCosts(project, { config, prices }, effects);
}

const ways = ({ baseline, candidate, options }: Scenario): readonly Way[] => [
  baseline,
  candidate,
  ...Object.values(options),
];

const asksLogs = (it: Scenario): boolean =>
  it.requestsPerDay === "logs" || ways(it).some(({ kind }) => kind === "logs");

function fromLogs(logs: LogCosts): NonNullable<BusinessCase["fromLogs"]> {
  const { month } = logs;
  return {
    requestsPerDay: logs.requestsPerDay,
    usdPerRequest: usdPerRequest(logs),
    usdPerMonth: month?.usdPerMonth ?? null,
    lower: month?.lower ?? null,
    upper: month?.upper ?? null,
  };
}

/** Mean over all calls; null when one of them has no known price. */
function usdPerRequest({ ledger: { total } }: LogCosts): number | null {
  return total.count > 0 && total.priced === total.count ? usdOf(total.picoUsd) / total.count : null;
}

function withLogs(it: Scenario, logs: LogCosts): Scenario | Refused {
  if (logs.requestsPerDay === null)
    return refused(
      logs.ledger.total.count === 0
        ? "nothing is logged yet"
        : "the logs do not say how many requests a day there are",
    );
  const usd = usdPerRequest(logs);
  if (usd === null && ways(it).some(({ kind }) => kind === "logs"))
    return refused(
      `${logs.ledger.total.count - logs.ledger.total.priced} of ${logs.ledger.total.count} logged calls have no known price`,
    );
  const settled = (way: Way): Way => {
    if (way.kind !== "logs") return way;
    const success = way.success === undefined ? {} : { success: way.success };
    return { kind: "request", usdPerRequest: usd ?? 0, ...success };
  };
  const tokens = it.tokensPerRequest ?? logs.tokensPerRequest;
  return {
    ...it,
    requestsPerDay: it.requestsPerDay === "logs" ? logs.requestsPerDay : it.requestsPerDay,
    baseline: settled(it.baseline),
    candidate: settled(it.candidate),
    options: Object.fromEntries(Object.entries(it.options).map(([name, way]) => [name, settled(way)])),
    ...(tokens === null ? {} : { tokensPerRequest: tokens }),
  };
}
