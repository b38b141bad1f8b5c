import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decide } from "../decide.ts";
import { readLog } from "../log.ts";
import { promote } from "../promote.ts";
import { registerModel } from "../register.ts";
import { writeEvalRun, writeTrainRun } from "../testing/project.ts";
import { pairedRows } from "../testing/rows.ts";
import { decideOnline } from "./decide-online.ts";
import { createExperiment, openExperiment } from "./experiment-file.ts";
import { clockAt, day, logTraffic, onlineProject, POLICY, simulated, START } from "./testing/traffic.ts";

const create = { policy: "support-online", baseline: "large", candidate: "small" };

test("an experiment is pinned: the same again is nothing, other rules are refused, an edited file is exit 6", async () => {
  const project = await onlineProject();
  const made = await createExperiment({ project, name: "one", ...create }, clockAt(START));
  expect(await createExperiment({ project, name: "one", ...create }, clockAt(day(1)))).toEqual(made);
  expect((await readLog(project)).rows.map(({ kind }) => kind)).toEqual([
    "policy.declared",
    "experiment.created",
  ]);
  await expect(
    createExperiment({ project, name: "one", ...create, candidate: "tiny" }, clockAt(START)),
  ).rejects.toMatchObject({ exitCode: 2 });
  // One salt would put the same people into the same arms of both.
  await expect(createExperiment({ project, name: "two", ...create }, clockAt(START))).rejects.toMatchObject({
    what: expect.stringContaining("salt") as string,
  });
  const path = join(project.evals, "experiments", "one.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"minDays":7', '"minDays":1'));
  await expect(openExperiment(project, "one")).rejects.toMatchObject({ exitCode: 6 });
});

test("the offline go only opens it; the online record names it, and only that one is promoted", async () => {
  const project = await onlineProject(POLICY.replace("minUnits: 400", "minUnits: 200"));
  const evidence = pairedRows({ both: 300, baselineOnly: 5, candidateOnly: 40, neither: 55 });
  await writeEvalRun(project, "offline", evidence);
  await writeTrainRun(project, "train-candidate");
  const offline = await decide({ project, policy: "support-online", evalRun: "offline" }, clockAt(START));
  expect(offline.computed.verdict).toBe("go");
  expect(offline.computed.sentence).toContain("opens the staged rollout");
  const opened = { project, policy: "support-online", name: "small-model", decision: offline.run };
  const experiment = await createExperiment(opened, clockAt(START));
  expect(experiment).toMatchObject({
    offline: { run: offline.run, record: offline.id },
    candidate: { run: "train-candidate" },
  });
  await logTraffic(
    project,
    simulated({
      seed: "promote",
      users: 1000,
      salt: "online-test",
      experiment: "small-model",
      candidate: { success: 0.86 },
    }),
  );
  const online = await decideOnline({ project, name: "small-model" }, clockAt(day(7.5)));
  expect(online.computed).toMatchObject({
    verdict: "go",
    online: { offline: { record: offline.id } },
    candidate: { run: "train-candidate" },
  });
  await registerModel({ project, trainRun: "train-candidate" }, clockAt(START));
  const promoted = (decision: string) => promote({ project, decision }, clockAt(day(8)));
  await expect(promoted(offline.run)).rejects.toMatchObject({
    what: expect.stringContaining("offline") as string,
  });
  expect(await promoted(online.run)).toMatchObject({ moved: true });
  await writeEvalRun(
    project,
    "worse",
    pairedRows({ both: 200, baselineOnly: 100, candidateOnly: 5, neither: 95 }),
  );
  const bad = await decide({ project, policy: "support-online", evalRun: "worse" }, clockAt(START));
  await expect(
    createExperiment({ ...opened, name: "other", decision: bad.run }, clockAt(START)),
  ).rejects.toMatchObject({ exitCode: 2 });
});
