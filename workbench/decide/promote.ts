import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { Decision } from "../schema/decision.ts";
import type { Alias, AliasData } from "../schema/registry.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { decisionOf, type DecisionFiles } from "./decision-files.ts";
import { appendLog, readLog, type Log, type LogEvent } from "./log.ts";
import { registryOf, rowsOf, type ModelVersion, type Registry } from "./registry.ts";
import { verifyModels } from "./register.ts";
import { verifyDecision } from "./verify.ts";

/** Promotions and deployments that one day may see. */
const CYCLES_PER_DAY = 6;

export interface PromoteRequest {
  readonly project: Project;
  /** The decision's run. */
  readonly decision: string;
  /** The log head the caller saw; another one by now is exit 7. Default: the head when this call began. */
  readonly sawHead?: string;
}

export interface Promoted {
  readonly production: string;
  readonly previous: string | null;
  readonly head: string;
  /** False when this version was in production already. */
  readonly moved: boolean;
}

/**
 * Moves `production` to the candidate of a decision. It refuses (exit 3) unless the verdict is go or
 * overridden, approvals name this record, the kill switch is off and fewer than six cycles ran today;
 * evidence and artifacts must hash as recorded (exit 6); a lock held or a head moved on is exit 7.
 */
export async function promote(request: PromoteRequest, effects: Effects = realEffects): Promise<Promoted> {
  const { project } = request;
  const sawHead = request.sawHead ?? (await readLog(project, effects)).head;
  await refuseWhenStopped(project, effects);
  const { logged } = await verifyDecision(project, request.decision, effects);
  if (!logged) throw refusal("the log has no row for this decision", "workbench decide records it");
  const files = await decisionOf(project, request.decision, effects);
  const log = await appendLog(
    project,
    async (now) => {
      await refuseWhenStopped(project, effects);
      if (now.head !== sawHead) throw headMoved(sawHead, now.head);
      const registry = registryOf(now);
      const version = versionOf(files.decision, registry);
      const from = registry.aliases.production;
      if (from === version.version) return [];
      refuseByRules(files, now, effects.now());
      await verifyModels(project, [version], effects);
      return moves(now, { to: version.version, from, record: files.decision.id });
    },
    effects,
  );
  return promotedBy(log, log.head !== sawHead);
}

function promotedBy(log: Log, moved: boolean): Promoted {
  const { production, previous } = registryOf(log).aliases;
  return { production: production ?? "", previous, head: log.head, moved };
}

/** One step back: production returns to what it was, in one write. */
export async function rollback(
  { project, reason }: { readonly project: Project; readonly reason: string },
  effects: Effects = realEffects,
): Promise<Promoted> {
  const log = await appendLog(
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
  return promotedBy(log, true);
}

function moves(
  now: Log,
  { to, from, record }: { readonly to: string; readonly from: string | null; readonly record: string },
): readonly LogEvent[] {
  const production = move(now, { alias: "production", to, from, record, why: "promote" });
  if (from === null) return [production];
  const was = registryOf(now).aliases.previous;
  return [move(now, { alias: "previous", to: from, from: was, record, why: "promote" }), production];
}

interface Move {
  readonly alias: Alias;
  readonly to: string;
  readonly from: string | null;
  readonly record: string | null;
  readonly why: string;
}

function move(now: Log, { alias, to, from, record, why }: Move): LogEvent {
  const data: AliasData = { alias, to, from, record, move: why, sawHead: now.head };
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

function refuseByRules({ decision, policy, author }: DecisionFiles, log: Log, now: Date): void {
  const { verdict, reasons } = decision.computed;
  const overridden = rowsOf(log, "override.used").some(
    (row) => row.data["record"] === decision.id && String(row.data["expires"]) > now.toISOString(),
  );
  if (verdict === "invalid" || (verdict !== "go" && !overridden))
    throw refusal(`the verdict is ${verdict} (${reasons.join(", ")})`, "only a go is promoted");
  if (verdict === "go" && policy.online.required)
    throw refusal("this go is offline and the policy asks for an online one", "run the staged rollout first");
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
