import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { evaluate } from "../evaluate/evaluate.ts";
import { judgesIn } from "../evaluate/judges/seat.ts";
import { recorded } from "../evaluate/recorded.ts";
import { similarity } from "../evaluate/scorers/similarity.ts";
import { jsonl } from "../evaluate/source.ts";
import { suite } from "../evaluate/suite.ts";
import { Config } from "../schema/config.ts";
import { SampleRow } from "../schema/run.ts";
import { testProject } from "../serve/testing/project.ts";
import { resolveArms } from "./arms.ts";

const config = Config.parse({
  schema: "workbench/config@1",
  project: "babble",
  endpoints: { here: { kind: "local", protocol: "ollama" } },
  models: {
    embedder: { endpoint: "here", model: "babbler" },
    adapted: { endpoint: "here", model: "babbler@alpha" },
  },
});

test("similarity needs no network: the project's own server embeds answer and reference", async () => {
  const { project, remove } = await testProject();
  onTestFinished(remove);
  await mkdir(join(project.evals, "data"), { recursive: true });
  const rows = ["I was charged twice", "Where is my parcel?"].map((text, i) => ({
    id: String(i),
    input: `question ${i}`,
    expected: text,
    answer: i === 0 ? text : "The weather is fine",
  }));
  const path = join(project.evals, "data/rows.jsonl");
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const definition = suite("similar", {
    arms: { baseline: recorded("evals/data/rows.jsonl", { output: "answer", key: "id" }) },
    data: jsonl("evals/data/rows.jsonl"),
    scorers: [similarity({ model: "embedder" })],
  });
  const judges = judgesIn(definition.scorers);
  const resolved = await resolveArms({ project, config, sources: definition.arms, judges });
  onTestFinished(resolved.close);
  const { result } = await evaluate({
    project,
    suite: definition,
    arms: resolved.arms,
    judges: resolved.judges,
  });
  expect(result).toMatchObject({ done: 2, failed: 0 });
  const text = await readFile(join(project.runs, result.run, "samples.jsonl"), "utf8");
  const cosines = text
    .trimEnd()
    .split("\n")
    .map((line) => SampleRow.parse(JSON.parse(line)))
    .sort((a, b) => a.label.localeCompare(b.label))
    .map(({ scores }) => scores["similarity"]?.value ?? NaN);
  expect(cosines[0]).toBeCloseTo(1, 9); // the same text
  expect(cosines[1]).toBeLessThan(0.99);
  expect(cosines[1]).toBeGreaterThanOrEqual(-1);
  const adapted = judgesIn([similarity({ model: "adapted" })]);
  await expect(resolveArms({ project, config, sources: {}, judges: adapted })).rejects.toMatchObject({
    code: "WB_CONFIG_INVALID",
  });
});
