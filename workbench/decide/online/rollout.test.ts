import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Policy } from "../../schema/policy.ts";
import type { Project } from "../../store/paths.ts";
import { resume, stop } from "../control.ts";
import { readLog } from "../log.ts";
import { createExperiment } from "./experiment-file.ts";
import { decideOnline } from "./decide-online.ts";
import { nextMove, type StepFacts } from "./next-move.ts";
import { rolloutSteps } from "./rollout-plan.ts";
import { rolloutState, type RolloutState } from "./rollout-state.ts";
import { step, stopRamp } from "./step.ts";
import {
  clockAt,
  day,
  logTraffic,
  onlineProject,
  POLICY,
  simulated,
  START,
  type Traffic,
} from "./testing/traffic.ts";
import { healthTrigger } from "./triggers.ts";

const rules = (more: object = {}): Policy =>
  Policy.parse({
    schema: "workbench/policy@1",
    name: "ramp",
    question: "Is it better?",
    primary: { metric: "success", claim: "superior" },
    online: { minUnits: 100, minDays: 7 },
    ...more,
  });

describe("the ladder", () => {
  test("10, 25, 50, 100 ask for the four checks in turn", () => {
    expect(rolloutSteps(rules()).map(({ percent, check }) => `${percent} ${check}`)).toEqual([
      "10 no_regressions",
      "25 positive_trend",
      "50 significant_improvement",
      "100 final_validation",
    ]);
  });
  test("preset A: shadow, 20, 50, 80, then all", () => {
    const steps = rolloutSteps(rules({ rollout: { shadow: true, ladder: [20, 50, 80, 100] } }));
    expect(steps.map(({ percent, check }) => `${percent} ${check}`)).toEqual([
      "0 no_regressions",
      "20 positive_trend",
      "50 significant_improvement",
      "80 no_regressions",
      "100 final_validation",
    ]);
  });
});

const at = (hours: number): string => new Date(Date.parse(START) + hours * 3_600_000).toISOString();
const calm = (now: number, more: Partial<StepFacts> = {}): StepFacts => ({
  now: at(now),
  health: null,
  harm: { beyond: null, worse: null },
  validity: null,
  units: 500,
  trend: true,
  verdict: null,
  ...more,
});
const standing = (percent: number, more: Partial<RolloutState> = {}): RolloutState => ({
  percent,
  since: at(0),
  startedAt: at(0),
  isBack: false,
  isComplete: false,
  checks: 0,
  checkedAt: null,
  held: null,
  rows: 1,
  ...more,
});
const go = { verdict: "go" as const, sentence: "it is better", record: "a".repeat(64) };

describe("the next move", () => {
  test("time, units, trend and verdict each hold a stage up", () => {
    const policy = rules();
    expect(nextMove(standing(10), calm(23.9), policy)).toMatchObject({
      move: "wait",
      reason: "23.9 of 24 hours at 10 %",
    });
    expect(nextMove(standing(10), calm(25, { units: 99 }), policy)).toMatchObject({ move: "wait" });
    expect(nextMove(standing(10), calm(25), policy)).toMatchObject({ move: "advance", percent: 25 });
    expect(nextMove(standing(25), calm(25, { trend: false }), policy)).toMatchObject({
      move: "hold",
      percent: 25,
    });
    expect(nextMove(standing(25), calm(25), policy)).toMatchObject({ move: "advance", percent: 50 });
    expect(nextMove(standing(50), calm(25), policy)).toMatchObject({
      move: "wait",
      reason: expect.stringContaining("7 days") as string,
    });
    expect(nextMove(standing(50), calm(170), policy)).toEqual({ move: "decide" });
    expect(nextMove(standing(50), calm(170, { verdict: go }), policy)).toMatchObject({
      move: "advance",
      percent: 100,
      record: go.record,
    });
    const open = { ...go, verdict: "inconclusive" as const };
    expect(nextMove(standing(50), calm(170, { verdict: open }), policy)).toMatchObject({
      move: "hold",
      percent: 50,
    });
    const bad = { ...go, verdict: "no-go" as const };
    expect(nextMove(standing(50), calm(170, { verdict: bad }), policy)).toMatchObject({
      move: "back",
      percent: 0,
    });
  });

  test("health and harm take it back whatever else is well; a doubt about the data only holds it", () => {
    const policy = rules();
    for (const alarm of [{ health: "errors" }, { harm: { beyond: "worse", worse: "worse" } }])
      expect(
        nextMove(standing(25), calm(25, { ...alarm, validity: "srm", verdict: go }), policy),
      ).toMatchObject({ move: "back", percent: 0 });
    expect(nextMove(standing(25), calm(25, { validity: "srm" }), policy)).toMatchObject({
      move: "hold",
      percent: 25,
    });
    expect(nextMove(standing(25, { held: "srm" }), calm(26, { validity: "srm" }), policy)).toMatchObject({
      move: "wait",
    });
    expect(
      nextMove(standing(25), calm(25, { harm: { beyond: null, worse: "worse" } }), policy),
    ).toMatchObject({ move: "hold" });
  });

  test("preset A steps back 20 points at a time and never rises again", () => {
    const policy = rules({ rollout: { shadow: true, ladder: [20, 50, 80], stepBackPoints: 20 } });
    expect(nextMove(standing(80), calm(1, { health: "errors" }), policy)).toMatchObject({
      move: "back",
      percent: 60,
    });
    const back = standing(60, { isBack: true });
    expect(nextMove(back, calm(999, { verdict: go }), policy)).toMatchObject({ move: "wait" });
    expect(nextMove(back, calm(999, { health: "again" }), policy)).toMatchObject({
      move: "back",
      percent: 40,
    });
    expect(nextMove(standing(10, { isBack: true }), calm(1, { health: "again" }), policy)).toMatchObject({
      percent: 0,
    });
  });

  test("the last step passes twelve checks ten minutes apart", () => {
    const policy = rules();
    expect(nextMove(standing(100), calm(0.1), policy)).toMatchObject({ move: "wait" });
    expect(nextMove(standing(100), calm(0.2), policy)).toMatchObject({
      move: "check",
      reason: "check 1 of 12",
    });
    expect(nextMove(standing(100, { checks: 12, checkedAt: at(2) }), calm(2), policy)).toMatchObject({
      move: "complete",
    });
    expect(nextMove(standing(100, { checks: 11 }), calm(2, { health: "errors" }), policy)).toMatchObject({
      move: "back",
      percent: 0,
    });
  });
});

test("the health trigger is exact: 12 of 40 at a ceiling of 5 % fires, 8 of 40 does not", () => {
  const window = (errors: number) => [{ at: START, calls: 40, errors }];
  expect(healthTrigger(window(12), rules())).toContain("12 of 40 calls failed");
  expect(healthTrigger(window(8), rules())).toBeNull();
});

const RAMP = POLICY.replace("minUnits: 400, minDays: 7", "minUnits: 60, minDays: 3")
  .replace("relative: 0.05", "relative: 0.10")
  .replace("points: 0.02", "points: 0.05")
  .concat("rollout: { ladder: [25, 50, 100], hoursPerStage: 24, watch: { checks: 2, everyMinutes: 10 } }\n");
const stages = [
  { fromDay: 0, percent: 25 },
  { fromDay: 1.1, percent: 50 },
  { fromDay: 3.1, percent: 100 },
];
const ramp = async (more: Partial<Traffic> = {}): Promise<Project> => {
  const project = await onlineProject(RAMP);
  await createExperiment(
    { project, name: "small-model", policy: "support-online", baseline: "a", candidate: "b" },
    clockAt(START),
  );
  await logTraffic(
    project,
    simulated({
      seed: "ramp",
      users: 900,
      salt: "online-test",
      experiment: "small-model",
      days: 4,
      stages,
      ...more,
    }),
  );
  return project;
};
const stepAt = (project: Project, days: number) => step({ project, name: "small-model" }, clockAt(day(days)));

describe("a ramp over its logs", () => {
  test("climbs to the end with a go in between, and a controller that comes anew finds its stage", async () => {
    const project = await ramp({ candidate: { success: 0.9 } });
    const moves: string[] = [];
    for (const days of [0, 0.5, 1.1, 2, 3.2, 3.205, 3.21, 3.22, 3.23]) {
      const { move, state } = await stepAt(project, days);
      moves.push(`${move} ${state.percent}`);
      // All there is to resume from is the log.
      expect(rolloutState((await readLog(project)).rows, "small-model")).toEqual(state);
    }
    expect(moves).toEqual([
      "start 25",
      "wait 25",
      "advance 50",
      "wait 50",
      "advance 100",
      "wait 100",
      "check 100",
      "check 100",
      "complete 100",
    ]);
    const rows = (await readLog(project)).rows;
    const advance = rows.find((row) => row.kind === "rollout.stage" && row.data["percent"] === 100);
    const verdict = rows.find((row) => row.kind === "verdict.recorded");
    expect(advance?.data["record"]).toBe(verdict?.data["record"]);
    expect(verdict?.data["verdict"]).toBe("go");
  });

  test("a candidate that fails goes back at once, stays back, and can never be a go", async () => {
    const project = await ramp({ candidate: { errors: 0.5, success: 0.3 } });
    await stepAt(project, 0);
    expect(await stepAt(project, 1)).toMatchObject({ move: "back", state: { percent: 0, isBack: true } });
    for (const days of [1.2, 5, 30])
      expect(await stepAt(project, days)).toMatchObject({ move: "wait", state: { percent: 0 } });
    const { computed } = await decideOnline({ project, name: "small-model" }, clockAt(day(5)));
    expect(computed.verdict).not.toBe("go");
    expect(computed.reasons).toContain("rolled-back");
    await expect(
      createExperiment(
        { project, name: "small-model", policy: "support-online", baseline: "a", candidate: "c" },
        clockAt(day(6)),
      ),
    ).rejects.toMatchObject({ exitCode: 2 });
  });

  test("the kill switch and the file STOP keep every step from happening", async () => {
    const project = await ramp();
    await stepAt(project, 0);
    await stop({ project, reason: "incident" }, clockAt(day(1)));
    await expect(stepAt(project, 1.5)).rejects.toMatchObject({ code: "WB_PROMOTION_REFUSED" });
    await resume({ project, reason: "over" }, clockAt(day(1)));
    writeFileSync(join(project.runs, "registry", "STOP"), "");
    await expect(stepAt(project, 1.5)).rejects.toMatchObject({ code: "WB_PROMOTION_REFUSED" });
    // Taking it back is always allowed.
    expect(
      await stopRamp({ project, name: "small-model", reason: "by hand" }, clockAt(day(1.5))),
    ).toMatchObject({ state: { percent: 0, isBack: true } });
  });

  test("two controllers at once take one step", async () => {
    const project = await ramp();
    await Promise.allSettled([stepAt(project, 0), stepAt(project, 0)]);
    const rows = (await readLog(project)).rows.filter(({ kind }) => kind === "rollout.stage");
    expect(rows).toHaveLength(1);
  });
});
