import { WorkbenchError } from "../errors/error.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { moves, promotedBy, type Promoted } from "./alias-moves.ts";
import { decisionOf, type DecisionFiles } from "./decision-files.ts";
import {
  deployAll,
  planDeploys,
  unsettled,
  unsettledDeploys,
  type DeployContext,
  type DeployPlan,
} from "./deploy/deploy.ts";
import { appendLog, readLog, type Log } from "./log.ts";
import { registryOf, type ModelVersion } from "./registry.ts";
import { verifyModels } from "./register.ts";
import { checkSignedHead } from "./signed-head.ts";
import {
  refusal,
  refuseByRules,
  refuseByVerdict,
  refuseErased,
  refuseOtherBaseline,
  refuseWhenStopped,
  versionOf,
} from "./promotion-rules.ts";
import { verifyDecision } from "./verify.ts";

export interface PromoteRequest {
  readonly project: Project;
  /** The decision's run. */
  readonly decision: string;
  /** The log head the caller saw; another one by now is exit 7. Default: the head when this call began. */
  readonly sawHead?: string;
  /** Promotes although the comparison's baseline is not what production is now; the row says so. */
  readonly otherBaseline?: boolean;
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

function headMoved(saw: string, now: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_LOCK_BUSY",
    where: "runs/registry/log.jsonl",
    what: `the log moved on while this promotion was prepared (${saw.slice(0, 12)} → ${now.slice(0, 12)})`,
    why: "a promotion is a compare-and-swap: it must act on the registry that it saw",
    fix: "look at `workbench registry`, then promote again if it still makes sense",
  });
}
