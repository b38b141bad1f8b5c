import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { erasedAt } from "./erased-rows.ts";
import { decisionOf } from "./decision-files.ts";
import { actorOf, appendPatiently, type Log } from "./log.ts";
import { refusal } from "./promotion-rules.ts";
import { registryOf } from "./registry.ts";

/** Approves a record: the approval names its id, so a re-run of anything voids it. */
export async function approve(
  { project, decision }: { readonly project: Project; readonly decision: string },
  effects: Effects = realEffects,
): Promise<{ readonly record: string; readonly by: string }> {
  const { decision: record, run } = await decisionOf(project, decision, effects);
  const by = actorOf(effects);
  const data = { record: record.id, run, verdict: record.computed.verdict };
  const event = { kind: "approval.given" as const, key: `approval:${record.id}:${by}`, data };
  await appendPatiently(project, () => [event], effects);
  return { record: record.id, by };
}

export interface OverrideRequest {
  readonly project: Project;
  readonly decision: string;
  readonly reason: string;
  /** Days until the override lapses. */
  readonly days: number;
}

const LEAST_REASON = 20;

/**
 * Lets a named person promote against a no-go or an inconclusive verdict, with a reason of 20
 * characters or more and an expiry. An invalid comparison cannot be overridden.
 */
export async function override(request: OverrideRequest, effects: Effects = realEffects): Promise<string> {
  const { project, reason, days } = request;
  const { decision, run } = await decisionOf(project, request.decision, effects);
  const { verdict } = decision.computed;
  if (verdict === "invalid")
    throw refusal("an invalid comparison cannot be overridden", "repair the evidence");
  const candidate = decision.computed.candidate.run;
  const isErased = candidate !== null && (await erasedAt(project, candidate, effects)) !== null;
  if (verdict === "go" && !isErased) throw refusal("a go needs no override", "workbench promote");
  if (reason.trim().length < LEAST_REASON)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--reason",
      what: `the reason has ${reason.trim().length} characters, ${LEAST_REASON} are needed`,
      fix: "say why the verdict is set aside, so that a reader a year from now understands",
    });
  if (actorOf(effects) === "unknown")
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: "an override needs a named person",
      fix: "set WORKBENCH_ACTOR to your name",
    });
  const expires = new Date(effects.now().getTime() + days * 24 * 3600 * 1000).toISOString();
  const data = { record: decision.id, run, verdict, reason: reason.trim(), expires };
  const key = (log: Log): string => `override:${decision.id}:${log.head}`;
  await appendPatiently(project, (log) => [{ kind: "override.used", key: key(log), data }], effects);
  return expires;
}

interface SwitchRequest {
  readonly project: Project;
  readonly reason: string;
}

/** Throws the kill switch: nothing is promoted, deployed or cycled until it is cleared. */
export const stop = (request: SwitchRequest, effects: Effects = realEffects): Promise<void> =>
  setSwitch("kill.on", request, effects);

/** Clears the kill switch. */
export const resume = (request: SwitchRequest, effects: Effects = realEffects): Promise<void> =>
  setSwitch("kill.off", request, effects);

async function setSwitch(
  kind: "kill.on" | "kill.off",
  { project, reason }: SwitchRequest,
  effects: Effects,
): Promise<void> {
  const isThere = (log: Log): boolean => (registryOf(log).kill !== null) === (kind === "kill.on");
  await appendPatiently(
    project,
    (log) => (isThere(log) ? [] : [{ kind, key: `${kind}:${log.head}`, data: { reason } }]),
    effects,
  );
}
