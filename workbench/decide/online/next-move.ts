import type { Verdict } from "../../schema/decision.ts";
import type { RolloutData } from "../../schema/experiment.ts";
import type { Policy } from "../../schema/policy.ts";
import { rolloutSteps } from "./rollout-plan.ts";
import type { RolloutState } from "./rollout-state.ts";
import type { Harm } from "./triggers.ts";

/** What is known when a step is asked for. */
export interface StepFacts {
  readonly now: string;
  readonly health: string | null;
  readonly harm: Harm;
  readonly validity: string | null;
  /** Units in the smaller arm that this stage exposed first. */
  readonly units: number;
  readonly trend: boolean | null;
  /** The verdict at this look; null until it was asked for. */
  readonly verdict: { readonly verdict: Verdict; readonly sentence: string; readonly record: string } | null;
}

/** What a step does: nothing yet, ask for the verdict first, or write a row. */
export type NextMove =
  | { readonly move: "wait"; readonly reason: string }
  | { readonly move: "decide" }
  | Pick<RolloutData, "move" | "percent" | "reason" | "record">;

/**
 * The next move of a ramp, pure. Health and harm come first and may only take it back; what makes the
 * numbers unreadable holds it; then time and units; then what the stage must show.
 */
export function nextMove(state: RolloutState, facts: StepFacts, policy: Policy): NextMove {
  const { percent } = state;
  const stay = (move: "hold" | "check", reason: string): NextMove => ({
    move,
    percent,
    reason,
    record: null,
  });
  if (state.isComplete) return wait("the rollout is complete");
  if (state.isBack && percent === 0)
    return wait("the ramp was taken back and stays back: make a new experiment");
  const steps = rolloutSteps(policy);
  const first = steps[0];
  if (state.since === null && first !== undefined)
    return { move: "start", percent: first.percent, reason: "the ramp begins", record: null };
  const alarm = facts.health ?? facts.harm.beyond;
  if (alarm !== null) return back(percent, alarm, policy);
  if (state.isBack) return wait("the ramp was stepped back and does not rise again: make a new experiment");
  const held = facts.validity ?? facts.harm.worse;
  if (held !== null) return state.held === held ? wait(held) : stay("hold", held);
  const at = steps.findIndex((step) => step.percent === percent);
  const step = steps[at];
  const next = steps[at + 1];
  if (step?.check === "final_validation" || next === undefined) return watch(state, facts, policy);
  const lack = lacks(state, facts, { policy, toPercent: next.percent });
  if (lack !== null) return wait(lack);
  const up: NextMove = { move: "advance", percent: next.percent, reason: step?.check ?? "", record: null };
  if (step?.check === "positive_trend" && facts.trend !== true)
    return state.held === NO_TREND ? wait(NO_TREND) : stay("hold", NO_TREND);
  if (step?.check !== "significant_improvement") return up;
  const { verdict } = facts;
  if (verdict === null) return { move: "decide" };
  if (verdict.verdict === "go") return { ...up, record: verdict.record };
  if (verdict.verdict === "no-go")
    return { ...back(percent, verdict.sentence, policy), record: verdict.record };
  return state.held === verdict.sentence ? wait(verdict.sentence) : stay("hold", verdict.sentence);
}

const NO_TREND = "the primary metric's estimate is not inside its margin";

function wait(reason: string): NextMove {
  return { move: "wait", reason };
}

function back(
  percent: number,
  reason: string,
  { rollout }: Policy,
): Extract<NextMove, { readonly percent: number }> {
  const to = rollout.stepBackPoints === null ? 0 : Math.max(0, percent - rollout.stepBackPoints);
  return { move: "back", percent: to, reason, record: null };
}

interface Next {
  readonly policy: Policy;
  readonly toPercent: number;
}

/** Time and units that the stage still lacks; a full test before everyone gets the candidate. */
function lacks(state: RolloutState, facts: StepFacts, { policy, toPercent }: Next): string | null {
  const { rollout, online } = policy;
  const hours = hoursBetween(state.since, facts.now);
  if (hours < rollout.hoursPerStage)
    return `${hours.toFixed(1)} of ${rollout.hoursPerStage} hours at ${state.percent} %`;
  if (state.percent > 0 && state.percent <= 100 * online.split[1] && facts.units < online.minUnits)
    return `${facts.units} of ${online.minUnits} units in the smaller arm of this stage`;
  const days = hoursBetween(state.startedAt, facts.now) / 24;
  if (toPercent === 100 && days < online.minDays)
    return `${days.toFixed(1)} of ${online.minDays} days before everyone gets the candidate`;
  return null;
}

/** The last step: so many checks, so far apart, each without a trigger. */
function watch(state: RolloutState, facts: StepFacts, { rollout }: Policy): NextMove {
  const { checks, everyMinutes } = rollout.watch;
  if (state.checks >= checks)
    return { move: "complete", percent: state.percent, reason: `${checks} checks passed`, record: null };
  const minutes = hoursBetween(state.checkedAt ?? state.since, facts.now) * 60;
  if (minutes < everyMinutes)
    return wait(
      `check ${state.checks + 1} of ${checks} is due in ${(everyMinutes - minutes).toFixed(0)} minutes`,
    );
  return {
    move: "check",
    percent: state.percent,
    reason: `check ${state.checks + 1} of ${checks}`,
    record: null,
  };
}

function hoursBetween(from: string | null, to: string): number {
  return from === null ? 0 : (Date.parse(to) - Date.parse(from)) / 3_600_000;
}
