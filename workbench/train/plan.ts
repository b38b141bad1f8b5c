import { WorkbenchError } from "../errors/error.ts";
import type { Host } from "../host/host.ts";
import { hostNamed, readHosts } from "../host/hosts.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readShape } from "./base.ts";
import type { Estimate } from "./estimate.ts";
import { estimate } from "./estimate.ts";
import type { Resolved } from "./resolve.ts";
import { resolveRecipe } from "./resolve.ts";
import { finishedRuns } from "./runs.ts";

export interface TrainPlan {
  readonly recipe: string;
  readonly run: string;
  readonly host: string;
  readonly kind: string;
  readonly estimate: Estimate;
  readonly warnings: readonly string[];
}

/** What training a recipe on a host would take. Refuses what the host cannot do or the budget forbids. */
export async function planTraining(
  request: { readonly project: Project; readonly recipe: string; readonly host?: string },
  effects: Effects = realEffects,
): Promise<TrainPlan> {
  const { project, host: name = "local" } = request;
  const resolved = await resolveRecipe(request, effects);
  const host = await hostNamed({ project, name }, effects);
  refuseUnsupported(resolved, host);
  const figures = await estimateFor({ project, resolved, hostName: name }, effects);
  refuseOverBudget(resolved, figures);
  const { lock, runId, warnings } = resolved;
  return { recipe: lock.recipe, run: runId, host: name, kind: host.kind, estimate: figures, warnings };
}

/** The estimate of a resolved recipe, from the host's entry and what earlier runs there took. */
export async function estimateFor(
  {
    project,
    resolved,
    hostName,
  }: { readonly project: Project; readonly resolved: Resolved; readonly hostName: string },
  effects: Effects = realEffects,
): Promise<Estimate> {
  const entry = (await readHosts(project, effects)).hosts[hostName];
  const past = (await finishedRuns(project, null, effects)).filter(({ result, manifest }) => {
    const trainedOn = manifest["trainedOn"] as { host?: unknown } | undefined;
    const isSame = result.base.sha256 === resolved.lock.base.sha256 && result.method === resolved.lock.method;
    return isSame && trainedOn?.host === hostName;
  });
  return estimate({
    lock: resolved.lock,
    steps: resolved.steps,
    shape: await readShape(resolved.base.folder, effects),
    threads: entry?.threads ?? 1,
    gpus: entry?.gpus?.count ?? 1,
    tflops: entry?.tflops ?? null,
    pastRates: past.flatMap(({ result }) => result.metrics["tokensPerS"] ?? []),
    usdPerHour: entry?.priceDate === undefined ? null : (entry.usdPerHour ?? null),
  });
}

/** A run whose upper estimate is beyond `run.budget` does not start; an unknown figure cannot refuse. */
export function refuseOverBudget({ lock, source }: Resolved, { seconds, costUsd, rate }: Estimate): void {
  const [hours, usd] = [lock.effective["run.budget.hours"], lock.effective["run.budget.usd"]];
  const tooLong =
    typeof hours === "number" && seconds !== null && rate.source !== "assumed" && seconds.high > hours * 3600;
  const tooDear = typeof usd === "number" && costUsd !== null && costUsd.high > usd;
  if (!tooLong && !tooDear) return;
  const { where = source.file } = source.errorAt(["run", "budget"], "");
  throw new WorkbenchError({
    code: "WB_TRAIN_REFUSED",
    where,
    what: tooLong
      ? `up to ${(seconds.high / 3600).toFixed(2)} hours, the budget is ${hours}`
      : `up to ${(costUsd?.high ?? 0).toFixed(2)} USD, the budget is ${Number(usd)}`,
    why: "the upper end of the estimate counts",
    fix: "raise run.budget, or train fewer epochs",
  });
}

/** Any field that the host cannot honour is a hard error: nothing is dropped silently. */
export function refuseUnsupported({ lock, source }: Resolved, host: Host): void {
  const [first, ...rest] = host.supports(lock);
  if (!first) return;
  const others = rest.map(({ field, value }) => `${field} ${value}`);
  const { where = source.file } = source.errorAt(first.field.split("."), "");
  throw new WorkbenchError({
    code: "WB_RECIPE_UNSUPPORTED",
    where,
    what: `${first.field}: ${first.value} is not supported on host ${host.name} (${host.kind})`,
    why: `${first.why}${others.length > 0 ? `; also: ${others.join(", ")}` : ""}`,
    fix: "change the recipe; a value is never dropped",
  });
}
