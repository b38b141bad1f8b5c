import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects, type Effects } from "../../store/effects.ts";
import { EndpointError } from "../../endpoint/error.ts";
import { SampleRow } from "../../schema/run.ts";
import type { Arm } from "../arm.ts";
import { chat } from "../chat.ts";
import { estimate } from "../estimate.ts";
import { evaluate, type EvalRequest } from "../evaluate.ts";
import { jsonl } from "../source.ts";
import { suite } from "../suite.ts";
import { dyingEffects } from "../testing/dying-effects.ts";
import { fakeModel } from "../testing/fake-client.ts";
import { fakeJudge, placeBiased, verdict, type Behaviour } from "../testing/fake-judge.ts";
import { tempProject, writeRows } from "../testing/project.ts";
import { pairwise } from "./pairwise.ts";

interface Row {
  readonly input: { readonly text: string };
}

const COUNT = 24;
/** A process that finds the lock of a dead one. */
const living: Effects = { ...realEffects, kill: () => false };
const kinder: Behaviour = ({ FIRST = "", SECOND = "" }) =>
  verdict(
    FIRST.includes("please") === SECOND.includes("please")
      ? "tie"
      : FIRST.includes("please")
        ? "first"
        : "second",
  );
const numberOf = (prompt: string): number => Number(prompt.split(" ")[1]);

/** The baseline is kind to every fourth, the candidate to every second, and both say the same to every third. */
function arms(behind: Partial<Record<string, { group: string; concurrency: number }>> = {}): readonly Arm[] {
  const same = (prompt: string): string | null => (numberOf(prompt) % 3 === 0 ? `fine ${prompt}` : null);
  const of = (name: string, every: number): Arm =>
    fakeModel({
      name,
      group: "one",
      ...behind[name],
      answer: (prompt) =>
        same(prompt) ?? `${numberOf(prompt) % every === 0 ? "please" : "no"} ${name} ${prompt}`,
    }).arm;
  return [of("baseline", 4), of("candidate", 2), of("third", 1)];
}

async function compared(behaviour: Behaviour, more: Partial<EvalRequest> = {}) {
  const project = await tempProject();
  await writeRows(project, COUNT);
  const judge = await fakeJudge(behaviour);
  const request: EvalRequest = {
    project,
    suite: suite("kinder", {
      arms: { baseline: "a", candidate: "b" },
      data: jsonl<Row>("evals/data/rows.jsonl"),
      task: chat<Row>({ user: (s) => s.input.text, maxTokens: 20 }),
      scorers: [pairwise({ judge: "judge", ask: "Which is kinder?", against: { arm: "baseline" } })],
    }),
    arms: arms().slice(0, 2),
    judges: new Map([["judge", judge.arm]]),
    ...more,
  };
  return { request, judge };
}

async function rowsOf(folder: string): Promise<readonly SampleRow[]> {
  const text = await readFile(join(folder, "samples.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => SampleRow.parse(JSON.parse(line)));
}

test("arm against arm in one run: both orders, ties, and the judge's cost where it was asked", async () => {
  const { request, judge } = await compared(kinder);
  const done = await evaluate(request);
  const rows = await rowsOf(done.folder);
  for (const row of rows) {
    const i = Number(row.label.split("-")[1]);
    const value = row.scores["pairwise"]?.value;
    if (row.arm === "baseline") expect([value, row.success, row.judgeCostUsd]).toEqual([0.5, true, null]);
    else if (i % 3 === 0) expect([value, row.judgeCostUsd]).toEqual([0.5, null]);
    else {
      expect(value).toBe(i % 2 === 0 && i % 4 !== 0 ? 1 : 0.5);
      expect(row.judgeCostUsd).toBeCloseTo(2 * 180e-6, 12);
    }
  }
  // Of 24, 8 are the same text; of the other 16, 4 are even and no multiple of four: they win.
  expect(done.result.metrics["candidate"]).toMatchObject({
    pairwise: (4 + 20 / 2) / 24,
    "pairwise.n": 24,
    success: 1,
  });
  expect(done.result.metrics["baseline"]).toMatchObject({ pairwise: 0.5 });
  expect(judge.requests).toHaveLength(2 * 16);
  expect(done.result.judges).toMatchObject([{ asked: 32, flipRate: 0, firstPlaceShare: 0.5 }]);
});

test("a judge that takes the first place: every pair is a tie, and its bias is shown", async () => {
  const { request } = await compared(placeBiased);
  const { result } = await evaluate(request);
  expect(result.metrics["candidate"]).toMatchObject({ pairwise: 0.5 });
  expect(result.judges).toMatchObject([{ asked: 32, flipRate: 1, firstPlaceShare: 1 }]);
});

test.each([
  ["one lane of one call at a time", {}],
  ["a slow baseline", { baseline: { group: "slow", concurrency: 1 } }],
  [
    "a slow candidate",
    { candidate: { group: "slow", concurrency: 1 }, third: { group: "x", concurrency: 9 } },
  ],
])("three arms, %s: no order of answers blocks a run, and all give the same rows", async (_, behind) => {
  const lanes = {
    baseline: { group: "one", concurrency: 1 },
    candidate: { group: "one", concurrency: 1 },
    third: { group: "one", concurrency: 1 },
    ...behind,
  };
  const { request } = await compared(kinder, { arms: arms(lanes) });
  const { result } = await evaluate(request);
  expect(result).toMatchObject({ done: 3 * COUNT, failed: 0, notRun: 0 });
  expect(result.metrics["candidate"]).toMatchObject({ pairwise: (4 + 20 / 2) / 24 });
  // The third is always kind: it wins where the baseline is not, unless both say the same.
  expect(result.metrics["third"]).toMatchObject({ pairwise: (12 + 12 / 2) / 24 });
});

test("where the baseline fails, its rivals are unscored with the reason", async () => {
  const down = new EndpointError({ kind: "refused", origin: "http://fake.test", what: "no" });
  const [, candidate] = arms();
  const baseline = fakeModel({
    answer: (prompt) => {
      if (numberOf(prompt) < 6) throw down;
      return `no ${prompt}`;
    },
  }).arm;
  const { request } = await compared(kinder, { arms: [baseline, candidate as Arm] });
  const { result, folder } = await evaluate(request);
  expect(result).toMatchObject({ failed: 6, notRun: 0 });
  expect(result.metrics["candidate"]).toMatchObject({ "pairwise.n": COUNT - 6, "pairwise.unscored": 6 });
  const lost = (await rowsOf(folder)).filter(
    ({ arm, scores }) => arm === "candidate" && scores["pairwise"]?.value === null,
  );
  expect(lost.map(({ scores }) => scores["pairwise"]?.reason)).toEqual(
    Array(6).fill("the baseline gave no answer"),
  );
});

test("killed anywhere and resumed: the rows of a run that nobody killed, no pair judged twice", async () => {
  const whole = await compared(kinder);
  const expected = await rowsOf((await evaluate(whole.request)).folder);
  const { request, judge } = await compared(kinder);
  let deaths = 0;
  for (let n = 5; n < 120; n += 11) {
    const { effects } = dyingEffects(n, n % 2 === 0 ? "torn" : "after");
    const died = await evaluate(request, effects).then(
      () => 0,
      () => 1,
    );
    deaths += died;
    await new Promise((resolve) => setTimeout(resolve, 2)); // what it began has ended: only then is it dead
  }
  expect(deaths).toBeGreaterThan(3);
  const done = await evaluate(request, living);
  expect(stable(await rowsOf(done.folder))).toEqual(stable(expected));
  expect(judge.requests.length).toBeLessThanOrEqual(32 + deaths * 16);
});

/** Latency of the fake model counts its calls, so it says how often it was asked. */
const stable = (rows: readonly SampleRow[]): readonly unknown[] =>
  rows.map((row) => ({ ...row, latencyMs: null }));

test("no baseline, nothing to compare: refused before the run; the estimate counts both orders", async () => {
  const { request } = await compared(kinder);
  await expect(evaluate({ ...request, arms: arms().slice(0, 1) })).rejects.toMatchObject({
    code: "WB_SUITE_INVALID",
  });
  await expect(evaluate({ ...request, arms: arms().slice(1, 3) })).rejects.toMatchObject({
    code: "WB_SUITE_INVALID",
  });
  const judged = (await estimate(request)).find(({ arm }) => arm === "judge judge");
  expect(judged?.calls).toBe(2 * COUNT);
});
