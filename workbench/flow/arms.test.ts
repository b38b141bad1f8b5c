import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chat } from "../evaluate/chat.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { exact } from "../evaluate/scorers/exact.ts";
import { jsonl } from "../evaluate/source.ts";
import { suite } from "../evaluate/suite.ts";
import { Config } from "../schema/config.ts";
import { SampleRow } from "../schema/run.ts";
import { put, testProject } from "../serve/testing/project.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveArms } from "./arms.ts";

interface Row {
  readonly input: { readonly text: string };
}

const SOURCES = { baseline: "base", alpha: "alpha", beta: "beta" };
const babbling = suite("babbling", {
  arms: { baseline: "base", candidate: { alpha: "alpha", beta: "beta" } },
  data: jsonl<Row>("evals/data/rows.jsonl"),
  task: chat<Row>({ user: (s) => s.input.text, maxTokens: 8 }),
  scorers: [exact()],
});

const config = Config.parse({
  schema: "workbench/config@1",
  project: "babble",
  endpoints: { local: { kind: "local" }, "local-ollama": { kind: "local", protocol: "ollama" } },
  models: {
    base: { endpoint: "local", model: "babbler", price: "local/babbler" },
    alpha: { endpoint: "local", model: "babbler@alpha", price: "local/babbler" },
    beta: { endpoint: "local-ollama", model: "babbler@beta" },
  },
  prices: ["prices.yaml"],
});

const PRICES = `schema: workbench/prices@1
rows:
  - model: local/babbler
    usdPerMillion: { input: 1, cachedRead: 1, cacheWrite: 0, output: 4 }
    effectiveFrom: 2020-01-01
    source: illustrative
    retrievedAt: 2020-01-01
`;

async function babblers(): Promise<Project> {
  const { project, remove } = await testProject();
  onTestFinished(remove);
  await put(project.root, "prices.yaml", PRICES);
  const rows = ["one", "two"].map((text) => JSON.stringify({ id: text, input: { text }, expected: "" }));
  await put(project.root, "evals/data/rows.jsonl", `${rows.join("\n")}\n`);
  // What beta's run, alone, learnt from.
  await put(
    project.root,
    `datasets/d@${"cd".repeat(6)}/train.jsonl`,
    '{"messages":[{"role":"user","content":"three"}]}\n',
  );
  return project;
}

test("local models answer: by base, by adapter, by both protocols, with digests, prices and one call at a time", async () => {
  const project = await babblers();
  const answers: string[][] = [];
  for (let round = 0; round < 2; round++) {
    const { arms, close } = await resolveArms({ project, config, sources: SOURCES }, realEffects);
    const done = await evaluate(
      { project, suite: babbling, arms, fresh: round > 0, useStored: false },
      realEffects,
    );
    await close();
    expect(done.result).toMatchObject({ planned: 6, done: 6, failed: 0 });
    expect(done.result.arms.map(({ arm, run }) => [arm, run])).toEqual([
      ["baseline", null],
      ["alpha", "run-a"],
      ["beta", "run-b"],
    ]);
    expect(new Set(done.result.arms.map(({ digest }) => digest)).size).toBe(3);
    expect(done.result.metrics["baseline"]?.["costUsd"]).toBeGreaterThan(0);
    expect(done.result.metrics["beta"]?.["costUsd"]).toBeNull(); // no price: blank, never 0
    const text = await readFile(join(done.folder, "samples.jsonl"), "utf8");
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => SampleRow.parse(JSON.parse(line)));
    answers.push(rows.map(({ arm, label, output }) => `${arm} ${label} ${output ?? ""}`));
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(
    new Set(answers[0]?.filter((line) => line.includes(" one ")).map((line) => line.split(" one ")[1])).size,
  ).toBe(3);
  const { arms, close } = await resolveArms({ project, config, sources: SOURCES }, realEffects);
  expect((await evaluate({ project, suite: babbling, arms }, realEffects)).unchanged).toBe(true);
  await close();
});

test("a text of the training data, or of a run it started from, is known by its candidate", async () => {
  const project = await babblers();
  const { arms, close } = await resolveArms({ project, config, sources: SOURCES }, realEffects);
  await close();
  const [baseline, alpha] = arms.map((arm) => (arm.kind === "live" ? arm.trainedOn : undefined));
  expect(baseline).toBeUndefined();
  expect([alpha?.("three"), alpha?.(" three "), alpha?.("one")]).toEqual([true, true, false]);
});

test("a model that is not there names those that are", async () => {
  const project = await babblers();
  const missing = { baseline: "nobody" };
  await expect(resolveArms({ project, config, sources: missing }, realEffects)).rejects.toMatchObject({
    code: "WB_MODEL_UNKNOWN",
  });
});
