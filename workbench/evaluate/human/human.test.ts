import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { realEffects } from "../../store/effects.ts";
import { chat } from "../chat.ts";
import { evaluate } from "../evaluate.ts";
import { exact } from "../scorers/exact.ts";
import { jsonl } from "../source.ts";
import { suite } from "../suite.ts";
import { fakeModel } from "../testing/fake-client.ts";
import { tempProject, writeRows } from "../testing/project.ts";
import { human } from "./human.ts";
import { queueText, reviewItems } from "./queue.ts";
import { itemOf, ratings } from "./rating.ts";

const rate = (input: string, output: string, rater: string, value: number) => ({
  item: itemOf(input, output),
  rater,
  value,
});

test("the mean of two raters; a rater's last word; one rater is too few", async () => {
  const scorer = human({
    ratings: [
      rate("q", "a", "ana", 0),
      rate("q", "a", "ana", 1),
      rate("q", "a", "ben", 0.5),
      rate("q", "b", "ana", 1),
    ],
  });
  expect(await scorer({ input: "q", output: "a" })).toEqual({
    value: 0.75,
    evidence: { values: [1, 0.5], raters: 2 },
  });
  expect((await scorer({ input: "q", output: "b" })).value).toBeNull();
  expect((await scorer({ input: "other", output: "a" })).value).toBeNull();
});

test("human.corpus is Krippendorff's α: his example of interval data, 0.849", async () => {
  // Krippendorff 2011, section C: four observers, values 1 to 5 put on 0 to 1 (α does not change).
  const units = [
    [1, 1, null, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [null, 5, 5, 5],
    [null, null, 1, 1],
  ];
  const given = units.flatMap((unit, i) =>
    unit.flatMap((value, rater) =>
      value === null ? [] : [rate(`q${i}`, "a", `r${rater}`, (value - 1) / 4)],
    ),
  );
  const scorer = human({ ratings: given });
  const scores = [];
  for (let i = 0; i < units.length; i++) scores.push(await scorer({ input: `q${i}`, output: "a" }));
  expect(scorer.corpus?.(scores)).toBeCloseTo(0.849, 3);
  expect(scorer.corpus?.([])).toBeNull();
});

test("a queue is blind, shuffled by a seed, holds alike answers once, and its ratings fit the run", async () => {
  const project = await tempProject();
  await writeRows(project, 12);
  const definition = suite("asked", {
    arms: { baseline: "a", candidate: "b" },
    data: jsonl<{ input: { text: string }; expected: string }>("evals/data/rows.jsonl"),
    task: chat<{ input: { text: string }; expected: string }>({ user: (s) => s.input.text }),
    scorers: [exact()],
  });
  const arms = [fakeModel().arm, fakeModel({ name: "candidate", answer: (prompt) => `b ${prompt}` }).arm];
  const done = await evaluate({ project, suite: definition, arms });
  const items = await reviewItems({ project, run: done.id }, realEffects);
  expect(items).toHaveLength(24);
  expect(queueText(items)).not.toMatch(/candidate|baseline|fake/);
  const again = await reviewItems({ project, run: done.id, seed: 1, count: 5 }, realEffects);
  expect(again).toHaveLength(5);
  expect(again.map(({ item }) => item)).not.toEqual(items.slice(0, 5).map(({ item }) => item));
  const path = join(project.evals, "r atings.jsonl");
  const lines = items.flatMap(({ item }) =>
    ["ana", "ben"].map((rater) => JSON.stringify({ item, rater, value: 1 })),
  );
  await writeFile(path, `${lines.join("\n")}\n`);
  const scorer = human({ ratings: await ratings(pathToFileURL(path)) });
  const rated = await evaluate({
    project,
    suite: { ...definition, scorers: [scorer], primary: "human" },
    arms,
  });
  expect(rated.result.metrics["baseline"]).toMatchObject({ human: 1, "human.n": 12 });
  await writeFile(path, '{"item":"x","rater":"ana","value":1}\n');
  await expect(ratings(path)).rejects.toMatchObject({ code: "WB_SUITE_INVALID" });
});
