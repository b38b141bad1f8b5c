import { expect, test } from "vitest";
import { simulate, type Simulated } from "./simulate.ts";
import { logTraffic, onlineProject, POLICY, simulated } from "./testing/traffic.ts";

const RULES = POLICY.replace("question:", "planning: { effect: 0.04, baseline: 0.8 }\nquestion:");
const runs = process.env["WB_TEST_DEPTH"] === "full" ? 2_000 : 120;
const of = (found: Simulated, name: string) => {
  const truth = found.truths.find((one) => one.name === name);
  if (truth === undefined) throw new Error(`no ${name}`);
  return truth;
};

test("on the planning figures: at a margin a go is as rare as alpha, as hoped it is common; seeded", async () => {
  const project = await onlineProject(RULES.replace("minUnits: 400", "minUnits: 1500"));
  const request = {
    project,
    policy: "support-online",
    on: "model",
    runs,
    seed: 7,
    unitsPerDay: 450,
  } as const;
  const found = await simulate(request);
  expect(found.truths.map(({ name }) => name)).toEqual([
    "no effect",
    "success at its margin",
    "errorRate at its margin",
    "success as hoped",
  ]);
  // One-sided alpha 0.025 and 0.05, and three simulation errors.
  const error = (p: number): number => 3 * Math.sqrt((p * (1 - p)) / runs);
  expect(of(found, "success at its margin").go).toBeLessThanOrEqual(0.025 + error(0.025));
  expect(of(found, "errorRate at its margin").go).toBeLessThanOrEqual(0.05 + error(0.05));
  expect(of(found, "success as hoped").go).toBeGreaterThan(0.95);
  expect(of(found, "no effect").go).toBeGreaterThan(0.6);
  expect(of(found, "no effect").rollback).toBeLessThanOrEqual(0.05 + error(0.05));
  for (const { go, noGo, inconclusive } of found.truths) expect(go + noGo + inconclusive).toBeCloseTo(1, 9);
  expect(await simulate({ ...request, runs: 10 })).toEqual(await simulate({ ...request, runs: 10 }));
});

test("on the logs: units are those of the stored calls, and looks change how soon it ends", async () => {
  const project = await onlineProject(
    RULES.replace("online:", "looks: { plan: group-sequential, max: 3 }\nonline:"),
  );
  await logTraffic(project, simulated({ seed: "sim", users: 300, salt: "s", experiment: "x" }));
  const found = await simulate({
    project,
    policy: "support-online",
    on: "logs",
    runs: 30,
    seed: 1,
    unitsPerDay: 120,
  });
  expect(found.source).toMatch(/^2\d\d units of the stored calls$|^300 units of the stored calls$/);
  expect(of(found, "success as hoped").go).toBeGreaterThan(of(found, "success at its margin").go);
});

test("without logs it says so", async () => {
  const project = await onlineProject(RULES);
  await expect(
    simulate({ project, policy: "support-online", on: "logs", runs: 5, seed: 1, unitsPerDay: 100 }),
  ).rejects.toMatchObject({ exitCode: 2 });
});
