import { join } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { digestOf } from "../../schema/canonical.ts";
import type { Config } from "../../schema/config.ts";
import { DeployRecord, type DeployTarget } from "../../schema/deploy.ts";
import { jsonText, writeOnce } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { readAs } from "../../store/read-json.ts";
import type { Log, LogEvent } from "../log.ts";
import { findModel, registryOf, rowsOf, type ModelVersion } from "../registry.ts";
import { deployFailed, type Hook } from "./hook.ts";
import { ollamaHook } from "./ollama.ts";
import { valuesFileHook } from "./values-file.ts";
import { vllmHook } from "./vllm.ts";
import { webhookHook } from "./webhook.ts";

export interface DeployContext {
  readonly project: Project;
  readonly config: Config;
  readonly effects: Effects;
}

/** What `--dry-run` shows: nothing was touched. */
export interface DeployPlan {
  readonly target: string;
  readonly kind: DeployTarget["kind"];
  readonly steps: readonly string[];
}

function hookOf(target: DeployTarget, context: DeployContext): Hook {
  if (target.kind === "ollama") return ollamaHook(target, context);
  if (target.kind === "vllm") return vllmHook(target, context);
  if (target.kind === "webhook") return webhookHook(target, context);
  return valuesFileHook(target, context);
}

export async function planDeploys(
  context: DeployContext,
  version: ModelVersion,
): Promise<readonly DeployPlan[]> {
  const plans: DeployPlan[] = [];
  for (const target of context.config.deploy) {
    const { steps } = await hookOf(target, context).plan(version);
    plans.push({ target: target.name, kind: target.kind, steps });
  }
  return plans;
}

export interface DeployOutcome {
  readonly events: readonly LogEvent[];
  /** Null when every target serves the version; else why not, and all of them are as they were. */
  readonly failure: Error | null;
}

/**
 * Brings a version to every target, under the registry's lock: plan, keep the prior state on disk, apply,
 * probe. The first target that fails is put back, and so are those before it. A process that dies here
 * leaves its records without a row in the log, and `settle` puts those targets back.
 */
export async function deployAll(
  context: DeployContext,
  version: ModelVersion,
  log: Log,
): Promise<DeployOutcome> {
  const done: DeployRecord[] = [];
  for (const target of context.config.deploy) {
    const hook = hookOf(target, context);
    let record: DeployRecord | null = null;
    try {
      const { prior, steps } = await hook.plan(version);
      record = recordOf(target, version, { log, prior, steps, at: context.effects.now().toISOString() });
      await writeOnce(recordPath(context.project, record.id), jsonText(record), context.effects);
      await hook.apply(version, prior, record.id);
      const wrong = await hook.probe(version, prior);
      if (wrong !== null)
        throw deployFailed(target.name, `the probe failed: ${wrong}`, "the prior state was put back");
      done.push(record);
    } catch (thrown) {
      const undo = [...done, ...(record === null ? [] : [record])].reverse();
      for (const one of undo) await revertOne(context, one, version);
      const events = undo.map((one) => event("deploy.reverted", one, { why: messageOf(thrown) }));
      return { events, failure: thrown instanceof Error ? thrown : new Error(String(thrown)) };
    }
  }
  return { events: done.map((one) => event("deploy.applied", one)), failure: null };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function recordOf(
  target: DeployTarget,
  { version }: ModelVersion,
  it: {
    readonly log: Log;
    readonly prior: unknown;
    readonly steps: readonly string[];
    readonly at: string;
  },
): DeployRecord {
  // The instant tells a second attempt from the first: after a failure the log may have grown by nothing.
  const id = digestOf({ target: target.name, version, head: it.log.head, at: it.at }).slice(0, 16);
  return {
    schema: "workbench/deploy@1",
    id,
    target: target.name,
    kind: target.kind,
    version,
    at: it.at,
    prior: it.prior,
    steps: [...it.steps],
  };
}

function event(
  kind: "deploy.applied" | "deploy.reverted",
  { id, target, version, kind: how }: DeployRecord,
  more: Readonly<Record<string, string>> = {},
): LogEvent {
  return { kind, key: `${kind}:${id}`, data: { deploy: id, target, how, version, ...more } };
}

const deploysFolder = (project: Project): string => join(project.runs, "registry", "deploys");
const recordPath = (project: Project, id: string): string => join(deploysFolder(project), `${id}.json`);

async function revertOne(context: DeployContext, record: DeployRecord, version: ModelVersion): Promise<void> {
  const target = context.config.deploy.find(({ name }) => name === record.target);
  if (target?.kind !== record.kind)
    throw unsettled(record, `the target ${record.target} is no longer declared as ${record.kind}`);
  try {
    await hookOf(target, context).revert(version, record.prior, record.id);
  } catch (thrown) {
    throw unsettled(record, messageOf(thrown));
  }
}

/** A target that does not stand as the registry says: the record to revert. */
export interface Unsettled {
  readonly record: DeployRecord;
  readonly why: "interrupted" | "not production";
}

/** Deployments without a row in the log, newest first, then targets that serve another version than production. */
export async function unsettledDeploys(
  { project, effects }: Pick<DeployContext, "project" | "effects">,
  log: Log,
): Promise<readonly Unsettled[]> {
  const rows = [...rowsOf(log, "deploy.applied"), ...rowsOf(log, "deploy.reverted")];
  const known = new Set(rows.map(({ data }) => String(data["deploy"])));
  const interrupted: Unsettled[] = [];
  for (const name of await effects.list(deploysFolder(project))) {
    if (!name.endsWith(".json") || known.has(name.slice(0, -".json".length))) continue;
    const record = await readAs(DeployRecord, join(deploysFolder(project), name), effects);
    interrupted.push({ record, why: "interrupted" });
  }
  interrupted.sort((a, b) => (a.record.at < b.record.at ? 1 : -1));
  const { production } = registryOf(log).aliases;
  const wrong: Unsettled[] = [];
  for (const id of standing(log).values()) {
    const record = await readAs(DeployRecord, recordPath(project, id), effects);
    if (record.version !== production) wrong.push({ record, why: "not production" });
  }
  return [...interrupted, ...wrong];
}

/** The deployment that each target serves now, by the log: applied and not reverted. */
function standing(log: Log): ReadonlyMap<string, string> {
  const stacks = new Map<string, string[]>();
  for (const { kind, data } of log.rows) {
    if (kind !== "deploy.applied" && kind !== "deploy.reverted") continue;
    const [target, id] = [String(data["target"]), String(data["deploy"])];
    const stack = stacks.get(target) ?? [];
    stacks.set(target, stack);
    if (kind === "deploy.applied") stack.push(id);
    else if (stack.includes(id)) stack.splice(stack.indexOf(id), 1);
  }
  return new Map(
    [...stacks].flatMap(([target, stack]) => {
      const last = stack.at(-1);
      return last === undefined ? [] : [[target, last] as const];
    }),
  );
}

/** Puts back whatever is unsettled, and returns the rows that say so. Run it under the log's lock. */
export async function settleAll(context: DeployContext, log: Log): Promise<readonly LogEvent[]> {
  const registry = registryOf(log);
  const events: LogEvent[] = [];
  for (const { record, why } of await unsettledDeploys(context, log)) {
    await revertOne(context, record, findModel(registry, record.version));
    events.push(event("deploy.reverted", record, { why }));
  }
  return events;
}

export function unsettled({ id, target, version }: DeployRecord, why: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_DEPLOY_UNSETTLED",
    where: `runs/registry/deploys/${id}.json`,
    what: `the deployment of ${version} to ${target} was neither finished nor put back`,
    why,
    fix: "workbench promote --settle puts the recorded prior state back",
  });
}
