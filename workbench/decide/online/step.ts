import type { RolloutData, Experiment } from "../../schema/experiment.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { appendLog, readLog } from "../log.ts";
import { refuseWhenStopped } from "../promotion-rules.ts";
import { decideOnline, openEvidence } from "./decide-online.ts";
import { openExperiment } from "./experiment-file.ts";
import { nextMove, type NextMove, type StepFacts } from "./next-move.ts";
import { onlineChecks } from "./online-record.ts";
import { readExperiment } from "./read-experiment.ts";
import { rolloutState, type RolloutState } from "./rollout-state.ts";
import { harmTrigger, healthTrigger, trendOf, validityTrigger } from "./triggers.ts";

export interface StepRequest {
  readonly project: Project;
  readonly name: string;
  readonly seed?: number;
}

/** What a step did, and where the ramp stands now. */
export interface Stepped {
  readonly experiment: string;
  readonly move: NextMove["move"];
  readonly reason: string;
  readonly state: RolloutState;
}

/**
 * One step of a ramp: kill switch, triggers, then what the stage must show. All it keeps is a row in the log,
 * written under the log's lock only if the ramp is still where this step saw it; a controller that
 * dies before that row has done nothing.
 */
export async function step(request: StepRequest, effects: Effects = realEffects): Promise<Stepped> {
  const { project, name, seed = 7 } = request;
  await refuseWhenStopped(project, effects);
  const experiment = await openExperiment(project, name, effects);
  const state = rolloutState((await readLog(project, effects)).rows, name);
  const facts = await factsOf(request, { experiment, state, seed }, effects);
  let move = nextMove(state, facts, experiment.policy);
  if (move.move === "decide") {
    const { computed, id } = await decideOnline({ project, name, seed }, effects);
    const verdict = { verdict: computed.verdict, sentence: computed.sentence, record: id };
    move = nextMove(state, { ...facts, verdict }, experiment.policy);
  }
  if (!("percent" in move)) {
    const reason = move.move === "wait" ? move.reason : "the verdict is open";
    return { experiment: name, move: move.move, reason, state };
  }
  return write(project, { name, state, move }, effects);
}

/** Takes a ramp back by hand; it stays back. */
export async function stopRamp(
  { project, name, reason }: { readonly project: Project; readonly name: string; readonly reason: string },
  effects: Effects = realEffects,
): Promise<Stepped> {
  await openExperiment(project, name, effects);
  const state = rolloutState((await readLog(project, effects)).rows, name);
  return write(project, { name, state, move: { move: "stop", percent: 0, reason, record: null } }, effects);
}

interface Row {
  readonly name: string;
  readonly state: RolloutState;
  readonly move: Omit<RolloutData, "experiment">;
}

async function write(project: Project, { name, state, move }: Row, effects: Effects): Promise<Stepped> {
  const data: RolloutData = {
    experiment: name,
    ...(move as Pick<RolloutData, "move" | "percent" | "reason" | "record">),
  };
  const log = await appendLog(
    project,
    async (now) => {
      if (move.move !== "stop" && move.move !== "back") await refuseWhenStopped(project, effects);
      // Another controller stepped meanwhile: its row stands, and the next call sees it.
      if (rolloutState(now.rows, name).rows !== state.rows) return [];
      return [{ kind: "rollout.stage", key: `rollout:${name}:${state.rows}`, data: { ...data } }];
    },
    effects,
  );
  const { move: word, reason } = data;
  return { experiment: name, move: word, reason, state: rolloutState(log.rows, name) };
}

interface Known {
  readonly experiment: Experiment;
  readonly state: RolloutState;
  readonly seed: number;
}

async function factsOf(
  { project, name }: StepRequest,
  { experiment, state, seed }: Known,
  effects: Effects,
): Promise<StepFacts> {
  const now = effects.now().toISOString();
  const none = {
    now,
    health: null,
    harm: { beyond: null, worse: null },
    validity: null,
    units: 0,
    trend: null,
    verdict: null,
  };
  if (state.since === null || (state.isBack && state.percent === 0) || state.percent === 0) return none;
  const { policy } = experiment;
  const opened = { ...(await openEvidence({ project, name }, effects)), until: now };
  const reading = await readExperiment(
    { project, ...opened, withEffects: "watch", since: state.since },
    effects,
  );
  const { counts, evidence, sums, windows } = reading;
  const checks = onlineChecks({ counts, sums, experiment, facts: opened.facts });
  const plan = { policy, seed };
  const here = counts.counts.filter(({ slice, stage }) => slice === null && stage === state.percent);
  const unitsIn = (arm: string): number =>
    here.filter((one) => one.arm === arm).reduce((sum, one) => sum + one.units, 0);
  return {
    ...none,
    health: healthTrigger(windows, policy),
    harm: evidence === null ? none.harm : harmTrigger(evidence, counts, plan),
    validity: validityTrigger(checks, counts, policy),
    units: Math.min(unitsIn("baseline"), unitsIn("candidate")),
    trend: evidence === null ? null : trendOf(evidence, plan),
  };
}
