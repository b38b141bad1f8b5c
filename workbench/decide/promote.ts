import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { Decision } from "../schema/decision.ts";
import type { Alias, AliasData } from "../schema/registry.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { loadConfig } from "../store/config.ts";
import type { Project } from "../store/paths.ts";
import { decisionOf, type DecisionFiles } from "./decision-files.ts";
import {
  deployAll,
  planDeploys,
  settleAll,
  unsettled,
  unsettledDeploys,
  type DeployContext,
  type DeployPlan,
} from "./deploy/deploy.ts";
import { appendLog, readLog, type Log, type LogEvent } from "./log.ts";
import { registryOf, rowsOf, type ModelVersion, type Registry } from "./registry.ts";
import { erasedAt, isOverriddenSince } from "./erased-rows.ts";
import { verifyModels } from "./register.ts";
import { checkSignedHead } from "./signed-head.ts";
import { verifyDecision } from "./verify.ts";

/** Promotions and deployments that one day may see. */
const CYCLES_PER_DAY = 6;

export interface PromoteRequest {
  readonly project: Project;
  /** The decision's run. */
  readonly decision: string;
  /** The log head the caller saw; another one by now is exit 7. Default: the head when this call began. */
  readonly sawHead?: string;
  /** Promotes although the comparison's baseline is not what production is now; the row says so. */
  readonly otherBaseline?: boolean;
}

export interface Promoted {
  readonly production: string;
  readonly previous: string | null;
  readonly head: string;
  /** False when this version was in production already. */
  readonly moved: boolean;
  /** Targets that were deployed to, or put back, and how. */
  readonly deployed: readonly string[];
}

/**
 * Moves `production` to the candidate of a decision and brings it to every declared target first. It
 * refuses (exit 3) unless the verdict is go or overridden, the baseline is what production is now,
 * approvals name this record, the kill switch is off and fewer than six cycles ran today; evidence and
 * artifacts must hash as recorded (exit 6); a lock held or a head moved on is exit 7. A target whose probe
 * fails puts itself back and the alias stays (exit 5).
 */
export async function promote(request: PromoteRequest, effects: Effects = realEffects): Promise<Promoted> {
  const { project } = request;
  const sawHead = request.sawHead ?? (await readLog(project, effects)).head;
  const { context, files } = await prepare(request, effects);
  const failures: Error[] = [];
  const log = await appendLog(
    project,
    async (now) => {
      await refuseWhenStopped(project, effects);
      if (now.head !== sawHead) throw headMoved(sawHead, now.head);
      const { version, from } = await permitted(files, request, now, effects);
      if (version === null) return [];
      const [open] = await unsettledDeploys(context, now);
      if (open) throw unsettled(open.record, open.why);
      const outcome = await deployAll(context, version, now);
      if (outcome.failure !== null) {
        failures.push(outcome.failure);
        return outcome.events;
      }
      const other = request.otherBaseline === true ? { otherBaseline: true } : {};
      const moved = moves(now, { to: version.version, from, record: files.decision.id, ...other });
      return [...outcome.events, ...moved];
    },
    effects,
  );
  const [failure] = failures;
  if (failure) throw failure;
  return promotedBy(log, sawHead);
}

/** What `promote` would do: every check but the lock, and each target's steps. Nothing is touched. */
export async function planPromotion(
  request: PromoteRequest,
  effects: Effects = realEffects,
): Promise<{
  readonly version: string;
  readonly from: string | null;
  readonly deploys: readonly DeployPlan[];
}> {
  const { context, files } = await prepare(request, effects);
  const now = await readLog(request.project, effects);
  const { version, from } = await permitted(files, request, now, effects);
  if (version === null) return { version: from ?? "", from, deploys: [] };
  return { version: version.version, from, deploys: await planDeploys(context, version) };
}

/** What can be checked before the lock is held. */
async function prepare(
  { project, decision }: PromoteRequest,
  effects: Effects,
): Promise<{ readonly context: DeployContext; readonly files: DecisionFiles }> {
  await refuseWhenStopped(project, effects);
  const { logged } = await verifyDecision(project, decision, effects);
  if (!logged) throw refusal("the log has no row for this decision", "workbench decide records it");
  const config = await loadConfig(project, effects);
  await checkSignedHead(project, config, effects);
  return { context: { project, config, effects }, files: await decisionOf(project, decision, effects) };
}

/** The version that may move now; null when it is in production already. */
async function permitted(
  files: DecisionFiles,
  request: PromoteRequest,
  now: Log,
  effects: Effects,
): Promise<{ readonly version: ModelVersion | null; readonly from: string | null }> {
  const registry = registryOf(now);
  refuseByVerdict(files, now, effects.now());
  const version = versionOf(files.decision, registry);
  const from = registry.aliases.production;
  if (from === version.version) return { version: null, from };
  if (request.otherBaseline !== true) refuseOtherBaseline(files.decision, registry);
  refuseByRules(files, now, effects.now());
  await refuseErased(files.decision, version, { project: request.project, now, effects });
  await verifyModels(request.project, [version], effects);
  return { version, from };
}

function promotedBy(log: Log, sawHead: string): Promoted {
  const { production, previous } = registryOf(log).aliases;
  const seen = log.rows.findIndex(({ hash }) => hash === sawHead) + 1;
  const deployed = log.rows
    .slice(seen)
    .filter(({ kind }) => kind === "deploy.applied" || kind === "deploy.reverted")
    .map(({ kind, data }) => `${String(data["target"])}: ${kind.slice("deploy.".length)}`);
  return { production: production ?? "", previous, head: log.head, moved: log.head !== sawHead, deployed };
}

/**
 * One step back: production returns to what it was, in one row. Then every target that serves another
 * version is put back from its record, one row each; a crash in between is finished by `settle`.
 */
export async function rollback(
  { project, reason }: { readonly project: Project; readonly reason: string },
  effects: Effects = realEffects,
): Promise<Promoted> {
  const saw = (await readLog(project, effects)).head;
  await appendLog(
    project,
    (now) => {
      const { production, previous } = registryOf(now).aliases;
      if (previous === null || previous === production)
        throw refusal("there is no previous version to go back to", "promote one first");
      return [
        move(now, {
          alias: "production",
          to: previous,
          from: production,
          record: null,
          why: `rollback: ${reason}`,
        }),
      ];
    },
    effects,
  );
  return { ...(await settle(project, effects, saw)), moved: true };
}

/** Puts back every deployment that a crash left, and every target that does not serve production's version. */
export async function settle(
  project: Project,
  effects: Effects = realEffects,
  sawHead?: string,
): Promise<Promoted> {
  const saw = sawHead ?? (await readLog(project, effects)).head;
  const config = await loadConfig(project, effects);
  const log = await appendLog(project, (now) => settleAll({ project, config, effects }, now), effects);
  return promotedBy(log, saw);
}

function moves(now: Log, { to, from, record, otherBaseline }: PromotionMove): readonly LogEvent[] {
  const more = otherBaseline === true ? { otherBaseline } : {};
  const production = move(now, { alias: "production", to, from, record, why: "promote", ...more });
  if (from === null) return [production];
  const was = registryOf(now).aliases.previous;
  return [move(now, { alias: "previous", to: from, from: was, record, why: "promote" }), production];
}

interface PromotionMove {
  readonly to: string;
  readonly from: string | null;
  readonly record: string;
  readonly otherBaseline?: boolean;
}

interface Move {
  readonly otherBaseline?: boolean;
  readonly alias: Alias;
  readonly to: string;
  readonly from: string | null;
  readonly record: string | null;
  readonly why: string;
}

function move(now: Log, { alias, to, from, record, why, otherBaseline }: Move): LogEvent {
  const more = otherBaseline === true ? { otherBaseline } : {};
  const data: AliasData = { alias, to, from, record, move: why, sawHead: now.head, ...more };
  return { kind: "alias.moved", key: `alias:${alias}:${now.head}`, data };
}

function versionOf(decision: Decision, registry: Registry): ModelVersion {
  const { run, arm } = decision.computed.candidate;
  const found = registry.models.find((model) => model.run === run);
  if (found) return found;
  throw refusal(
    `the candidate ${arm} is not registered`,
    run === null
      ? "a candidate without a training run has no bytes to promote"
      : `workbench registry add ${run}`,
  );
}

/** The comparison says something about production only if its baseline is what production is now. */
function refuseOtherBaseline(decision: Decision, registry: Registry): void {
  const { production } = registry.aliases;
  const now = registry.models.find(({ version }) => version === production);
  const { arm, run } = decision.computed.baseline;
  if (now === undefined || now.run === run) return;
  throw refusal(
    `production is ${now.version} (run ${now.run}), and this decision compares with ${arm} (${run === null ? "no trained model" : `run ${run}`})`,
    `evaluate the candidate against ${now.version}, or say that it does not matter: --other-baseline`,
  );
}

/** Said before anything else: registering or approving a no-go helps nobody. */
function refuseByVerdict({ decision, policy }: DecisionFiles, log: Log, now: Date): void {
  const { verdict, reasons } = decision.computed;
  const overridden = rowsOf(log, "override.used").some(
    (row) => row.data["record"] === decision.id && String(row.data["expires"]) > now.toISOString(),
  );
  if (verdict === "invalid" || (verdict !== "go" && !overridden))
    throw refusal(`the verdict is ${verdict} (${reasons.join(", ")})`, "only a go is promoted");
  if (verdict === "go" && policy.online.required && !isOnlineGo(decision))
    throw refusal(
      "this go is offline and the policy asks for an online one",
      "workbench experiment create --decision <this go>, then promote the experiment's decision",
    );
}

/** An online go that names the offline one which opened its experiment. */
function isOnlineGo({ computed }: Decision): boolean {
  const online = computed["online"] as { readonly offline?: unknown } | undefined;
  return typeof online?.offline === "object" && online.offline !== null;
}

/** A model that learnt from rows that were erased since is promoted only by somebody who says why. */
async function refuseErased(
  decision: Decision,
  version: ModelVersion,
  { project, now, effects }: { readonly project: Project; readonly now: Log; readonly effects: Effects },
): Promise<void> {
  const since = await erasedAt(project, version.run, effects);
  if (since === null || isOverriddenSince(now, decision.id, { since, now: effects.now() })) return;
  throw refusal(
    `rows that ${version.version} depends on were erased at ${since}`,
    "train a version without them, or workbench registry override <decision> --reason …",
  );
}

function refuseByRules({ decision, policy, author }: DecisionFiles, log: Log, now: Date): void {
  const approvers = rowsOf(log, "approval.given").filter((row) => row.data["record"] === decision.id);
  const names = new Set(approvers.map((row) => row.actor));
  if (policy.approvals.notAuthor) names.delete(author);
  if (names.size < policy.approvals.count)
    throw refusal(
      `${names.size} of ${policy.approvals.count} approvals name this record`,
      "workbench registry approve <decision>, by someone other than who decided",
    );
  const today = now.toISOString().slice(0, 10);
  const cycles = rowsOf(log, "alias.moved").filter(
    (row) => row.data["alias"] === "production" && row.data["move"] === "promote" && row.at.startsWith(today),
  ).length;
  if (cycles >= CYCLES_PER_DAY)
    throw refusal(
      `${cycles} promotions ran today, ${CYCLES_PER_DAY} is the limit`,
      "wait until tomorrow (UTC)",
    );
}

/** The kill switch: a row of the log, or the file runs/registry/STOP that anyone can make. */
export async function refuseWhenStopped(project: Project, effects: Effects = realEffects): Promise<void> {
  const { kill } = registryOf(await readLog(project, effects));
  if (kill !== null)
    throw refusal(
      `the kill switch is on since ${kill.at} (${kill.by}: ${kill.reason})`,
      "workbench registry resume",
    );
  if (await effects.stat(join(project.runs, "registry", "STOP")))
    throw refusal("the file runs/registry/STOP stops all promotions", "remove it when the reason is gone");
}

export function refusal(what: string, fix: string): WorkbenchError {
  return new WorkbenchError({ code: "WB_PROMOTION_REFUSED", where: "runs/registry", what, fix });
}

function headMoved(saw: string, now: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_LOCK_BUSY",
    where: "runs/registry/log.jsonl",
    what: `the log moved on while this promotion was prepared (${saw.slice(0, 12)} → ${now.slice(0, 12)})`,
    why: "a promotion is a compare-and-swap: it must act on the registry that it saw",
    fix: "look at `workbench registry`, then promote again if it still makes sense",
  });
}
