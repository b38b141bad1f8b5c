import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../schema/canonical.ts";
import { Attack } from "../../schema/judge.ts";
import { realEffects } from "../../store/effects.ts";
import { chat } from "../chat.ts";
import { evaluate } from "../evaluate.ts";
import { jsonl } from "../source.ts";
import { suite } from "../suite.ts";
import { fakeModel } from "../testing/fake-client.ts";
import {
  babbling,
  fakeJudge,
  good,
  obedient,
  placeBiased,
  verdict,
  type Behaviour,
} from "../testing/fake-judge.ts";
import { tempProject, writeRows } from "../testing/project.ts";
import type { Scorer } from "../types.ts";
import { lengthBias } from "./agree.ts";
import { calibrate, type Calibrated } from "./calibrate.ts";
import { loadJudge } from "./load-judge.ts";
import { pairwise } from "./pairwise.ts";
import { rubric } from "./rubric.ts";

const POLITE = `import { rubric } from "workbench";
export default rubric({ judge: "judge", criteria: [{ id: "polite", ask: "Is it polite?" }] });`;

/** A project with a judge and 120 labelled answers, half of them polite; people see it otherwise 1 time in 20. */
async function judgeProject(labels = 120) {
  const project = await tempProject();
  const folder = join(project.evals, "judges");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "polite.judge.ts"), POLITE);
  const rows = Array.from({ length: labels }, (_, i) => {
    const isPolite = i % 2 === 0;
    const isLabelled = i % 20 === 7 ? !isPolite : isPolite;
    const output = `${isPolite ? "please wait" : "wait"} ${i}`;
    return JSON.stringify({ input: `q ${i}`, output, labels: { polite: isLabelled ? "yes" : "no" } });
  });
  await writeFile(join(folder, "polite.labels.jsonl"), `${rows.join("\n")}\n`);
  return project;
}

async function cardOf(behaviour: Behaviour, labels?: number) {
  const project = await judgeProject(labels);
  const judge = await fakeJudge(behaviour);
  const scorer = await loadJudge(project, "polite", realEffects);
  const request = { project, name: "polite", scorer, judges: new Map([["judge", judge.arm]]) };
  return { request, judge, done: await calibrate(request) };
}

test("a good judge: agreement and κ as counted by hand, no attack succeeds, its metrics may decide", async () => {
  const { done, judge, request } = await cardOf(good);
  const { card } = done;
  expect(card.labels).toMatchObject({ answers: 120, verdicts: 120 });
  expect(card.agreement).toMatchObject({ estimate: 114 / 120, n: 120 });
  // 6 impolite answers are labelled polite: people 66 of 120, judge 60; chance 0.5.
  expect(card.kappa.estimate).toBeCloseTo((114 / 120 - 0.5) / 0.5, 10);
  expect(card.kappaLower).toBeGreaterThan(0.6);
  expect(card).toMatchObject({
    repeatAgreement: 1,
    flipRate: null,
    unparsed: 0,
    abstained: 0,
    weightedKappa: null,
  });
  expect(card.attacks).toMatchObject({ asked: 231, succeeded: 0, rate: 0 });
  expect(card.advisory).toEqual([]);
  expect(card.costUsd).toBeCloseTo((120 * 2 + 231) * 180e-6, 9);
  const asked = judge.requests.length;
  const again = await calibrate(request);
  expect([again.card, judge.requests.length]).toEqual([card, asked]);
});

test("an obedient judge fails the attacks, a babbling one has no verdicts, a coin has no κ", async () => {
  const swayed = (await cardOf(obedient)).done.card;
  expect(swayed.attacks.rate).toBeGreaterThan(0.3);
  expect(swayed.attacks.families["order"]?.succeeded).toBeGreaterThan(10);
  expect(swayed.advisory.join()).toContain("attacks succeed");
  const silent = (await cardOf(babbling)).done.card;
  expect(silent).toMatchObject({ unparsed: 240, kappaLower: null, attacks: { rate: null } });
  expect(silent.advisory).toHaveLength(2);
  let turn = 0;
  const coin = (await cardOf(() => verdict(turn++ % 3 === 0 ? "yes" : "no"))).done.card;
  expect(coin.kappaLower).toBeLessThan(0.2);
  expect(coin.repeatAgreement).toBeLessThan(0.9);
  expect(coin.advisory.join()).toContain("κ may be as low as");
  expect((await cardOf(good, 40)).done.card.advisory[0]).toContain("40 labelled answers");
});

test("a judge that takes the first place: flips, and a share for the first place of 1", async () => {
  const project = await judgeProject();
  const rows = Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({
      input: `q ${i}`,
      output: `please ${"so ".repeat(i)}`,
      expected: { reference: `no ${i}` },
      labels: { winner: i % 5 === 0 ? "tie" : "output" },
    }),
  );
  await writeFile(join(project.evals, "judges/pair.labels.jsonl"), rows.join("\n"));
  const scorer = pairwise({ judge: "judge", ask: "Which is kinder?" });
  const run = async (behaviour: Behaviour, model: string): Promise<Calibrated> => {
    const judge = await fakeJudge(behaviour, model);
    return calibrate({ project, name: "pair", scorer, judges: new Map([["judge", judge.arm]]) });
  };
  expect((await run(placeBiased, "biased")).card).toMatchObject({ flipRate: 1, firstPlaceShare: 1 });
  const fair = (await run(({ FIRST = "" }) => verdict(FIRST.includes("please") ? "first" : "second"), "fair"))
    .card;
  expect(fair).toMatchObject({ flipRate: 0, firstPlaceShare: 0.5 });
  expect(fair.agreement.estimate).toBeCloseTo(0.8, 12);
});

test("grades have a weighted κ, and a near miss costs less than a far one", async () => {
  const project = await judgeProject();
  const rows = Array.from({ length: 100 }, (_, i) =>
    JSON.stringify({ input: "q", output: `grade ${i % 5} ${i}`, labels: { depth: i % 5 } }),
  );
  await writeFile(join(project.evals, "judges/deep.labels.jsonl"), rows.join("\n"));
  const scorer: Scorer = rubric({
    judge: "judge",
    criteria: [{ id: "depth", ask: "How deep?", scale: "0-4" }],
  });
  const judge = await fakeJudge(({ OUTPUT = "" }) =>
    verdict(String(Math.max(0, Number(OUTPUT.split(" ")[1]) - 1))),
  );
  const { card } = await calibrate({
    project,
    name: "deep",
    scorer,
    judges: new Map([["judge", judge.arm]]),
  });
  expect(card.agreement.estimate).toBeCloseTo(0.2, 12);
  expect(card.weightedKappa?.estimate).toBeGreaterThan((card.kappa.estimate ?? 1) + 0.3);
  expect(card.kappaLower).toBe(card.weightedKappa?.lower);
});

test("a run with this judge cites its card; with another judge it does not", async () => {
  const { done, request } = await cardOf(good);
  const { project, scorer, judges } = request;
  await writeRows(project, 10);
  const definition = suite("judged", {
    arms: { baseline: "a" },
    data: jsonl<{ input: { text: string }; expected: string }>("evals/data/rows.jsonl"),
    task: chat<{ input: { text: string }; expected: string }>({ user: (s) => s.input.text }),
    scorers: [scorer],
  });
  const arms = [fakeModel({ answer: () => "please" }).arm];
  const run = await evaluate({ project, suite: definition, arms, judges });
  const bytes = await readFile(done.path);
  expect(run.result.judges).toMatchObject([
    { scorer: "rubric", card: sha256(bytes), kappaLower: done.card.kappaLower, attackRate: 0, advisory: [] },
  ]);
  const other = new Map([["judge", (await fakeJudge(good, "judge-2")).arm]]);
  const second = await evaluate({ project, suite: definition, arms, judges: other });
  expect(second.result.judges).toMatchObject([{ card: null, kappaLower: null }]);
});

test("the corpus: at least 200 different attacks of many families, and null answers", async () => {
  const text = await readFile(new URL("../../../evals/judges/attacks.jsonl", import.meta.url), "utf8");
  const attacks = text
    .trimEnd()
    .split("\n")
    .map((line) => Attack.parse(JSON.parse(line)));
  expect(new Set(attacks.map((one) => one.text)).size).toBeGreaterThanOrEqual(200);
  expect(new Set(attacks.map((one) => one.id)).size).toBe(attacks.length);
  const families = new Set(attacks.map(({ family }) => family));
  for (const family of ["order", "order-foreign", "fence", "verdict", "role-tag", "bidi", "padding", "null"])
    expect(families).toContain(family);
});

test("what a judge's file may be, and what a label may be", async () => {
  const project = await judgeProject();
  await expect(loadJudge(project, "none", realEffects)).rejects.toMatchObject({ code: "WB_SUITE_INVALID" });
  await expect(loadJudge(project, "../polite", realEffects)).rejects.toMatchObject({
    code: "WB_SUITE_INVALID",
  });
  await writeFile(
    join(project.evals, "judges/exact.judge.ts"),
    'import { exact } from "workbench";\nexport default exact();',
  );
  await expect(loadJudge(project, "exact", realEffects)).rejects.toMatchObject({ code: "WB_SUITE_INVALID" });
  await writeFile(join(project.evals, "judges/polite.labels.jsonl"), '{"output": 3}\n');
  const scorer = await loadJudge(project, "polite", realEffects);
  const judge = await fakeJudge(good);
  const request = { project, name: "polite", scorer, judges: new Map([["judge", judge.arm]]) };
  await expect(calibrate(request)).rejects.toMatchObject({ code: "WB_SUITE_INVALID" });
});

test("a label that the judge can never give is refused with its line; those of other criteria are counted", async () => {
  const project = await judgeProject(4);
  const path = join(project.evals, "judges/polite.labels.jsonl");
  const judge = await fakeJudge(good);
  const scorer = await loadJudge(project, "polite", realEffects);
  const request = { project, name: "polite", scorer, judges: new Map([["judge", judge.arm]]) };
  const labelled = (labels: Readonly<Record<string, unknown>>): string =>
    `${JSON.stringify({ input: "q", output: "please wait", labels })}\n`;

  await writeFile(path, labelled({ polite: "yes" }) + labelled({ polite: "Yes" }));
  await expect(calibrate(request)).rejects.toMatchObject({
    code: "WB_SUITE_INVALID",
    where: `${path}:2`,
    message: expect.stringContaining('"Yes" of "polite"'),
  });
  await writeFile(path, labelled({ tone: "warm" }));
  await expect(calibrate(request)).rejects.toThrow(/no label of what this judge is asked/);
  expect(judge.requests).toHaveLength(0);

  await writeFile(path, labelled({ polite: "yes", tone: "warm" }) + labelled({ tone: "cold" }));
  const { card } = await calibrate(request);
  expect(card.labels).toMatchObject({ answers: 2, verdicts: 1, foreign: { tone: 2 } });
  const grades = rubric({ judge: "judge", criteria: [{ id: "depth", ask: "How deep?", scale: "0-4" }] });
  await writeFile(join(project.evals, "judges/deep.labels.jsonl"), labelled({ depth: 5 }));
  await expect(calibrate({ ...request, name: "deep", scorer: grades })).rejects.toThrow(/"5" of "depth"/);
});

test("length bias: what the judge gives the longer half beyond what people give it", () => {
  const at = (characters: number, judge: number, person: number) => ({ characters, judge, person });
  expect(lengthBias([at(1, 0, 0), at(9, 0.5, 0)])).toBe(0.5);
  expect(lengthBias([at(5, 1, 0), at(5, 0, 0)])).toBeNull();
  expect(lengthBias([])).toBeNull();
});
