import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { Decision } from "../schema/decision.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { DecisionFiles } from "./decision-files.ts";
import { readLog, type Log } from "./log.ts";
import { erasedAt, isOverriddenSince } from "./erased-rows.ts";
import { registryOf, rowsOf, type ModelVersion, type Registry } from "./registry.ts";

/** Promotions and deployments that one day may see. */
const CYCLES_PER_DAY = 6;

/** The registered version of a decision's candidate. */
export function versionOf(decision: Decision, registry: Registry): ModelVersion {
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
export function refuseOtherBaseline(decision: Decision, registry: Registry): void {
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
export function refuseByVerdict({ decision, policy }: DecisionFiles, log: Log, now: Date): void {
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
export async function refuseErased(
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

export function refuseByRules({ decision, policy, author }: DecisionFiles, log: Log, now: Date): void {
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
