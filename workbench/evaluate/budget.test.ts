import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EndpointError } from "../endpoint/error.ts";
import { realEffects } from "../store/effects.ts";
import { readJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import type { LiveArm } from "./arm.ts";
import { chat } from "./chat.ts";
import { makeBudget } from "./budget.ts";
import { evaluate, type EvalRequest, type Evaluation } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite, type Suite } from "./suite.ts";
import { fakeModel, type FakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";
import { mostInputTokens } from "./worst-case.ts";

interface Row {
  readonly input: { readonly text: string };
  readonly expected: string;
}

const effects = { ...realEffects, sleep: async () => undefined };
const limited = (maxTokens?: number): Suite =>
  suite("numbers", {
    arms: { baseline: "a", candidate: "b" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text, ...(maxTokens === undefined ? {} : { maxTokens }) }),
    scorers: [exact()],
  });

const run = (
  project: Project,
  models: readonly FakeModel[],
  more: Partial<EvalRequest> = {},
): Promise<Evaluation> =>
  evaluate({ project, suite: limited(20), arms: models.map(({ arm }) => arm), ...more }, effects);

/** What the journal says was paid: settled reservations, and those that never were. */
async function paidUsd(done: Evaluation): Promise<number> {
  const open = new Map<string, number>();
  let sum = 0;
  for (const { kind, key, data } of (await readJournal(join(done.folder, "events.jsonl"))).lines) {
    const { usd, of } = data as { usd: number; of: string };
    if (kind === "budget.reserved") open.set(key, usd);
    if (kind !== "budget.settled") continue;
    open.delete(of);
    sum += usd;
  }
  return [...open.values()].reduce((total, usd) => total + usd, sum);
}

test("at the limit a run ends valid and partial, over complete pairs, and never above it", async () => {
  const project = await tempProject();
  await writeRows(project, 60);
  const models = [fakeModel(), fakeModel({ name: "candidate" })];
  const warnings: string[] = [];
  const usd = 0.0015; // a call's worst case is about $0.0004, and it costs about $0.00004
  const done = await run(project, models, { budget: { usd }, warn: (text) => warnings.push(text) });
  const { result } = done;
  expect(result.notRun).toBeGreaterThan(0);
  expect(result.done).toBeGreaterThan(10);
  expect(result.planned).toBe(result.done + result.failed + result.notRun);
  expect(result.reason).toMatch(/budget of \$0\.0015/);
  expect(result.metrics["baseline"]?.["exact.n"]).toBe(result.metrics["candidate"]?.["exact.n"]);
  expect(await paidUsd(done)).toBeLessThanOrEqual(usd);
  expect(done.spentUsd).toBeLessThanOrEqual(usd);
  expect(models[0]!.calls() + models[1]!.calls()).toBe(result.done);
  const rows = (await readFile(join(done.folder, "samples.jsonl"), "utf8")).trimEnd().split("\n");
  expect(rows).toHaveLength(result.done + result.failed);
});

test("the last fifth of a budget is told once; a larger budget goes on without paying twice", async () => {
  const project = await tempProject();
  await writeRows(project, 60);
  const model = fakeModel({ concurrency: 1 });
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const first = await run(project, [model], { budget: { usd: 0.0025 }, warn });
  expect(first.result.notRun).toBeGreaterThan(0);
  expect(warnings).toHaveLength(1);
  const second = await run(project, [model], { budget: { usd: 1 } });
  expect(second.result).toMatchObject({ done: 60, notRun: 0, reason: null });
  expect(model.calls()).toBe(60);
  expect(second.stored).toBe(first.result.done);
});

test("an attempt that died unanswered keeps its reservation; a refused one does not", async () => {
  const project = await tempProject();
  await writeRows(project, 1);
  const failing = (status: number | null) => {
    const error = new EndpointError({ kind: "unavailable", origin: "http://f.test", what: "no", status });
    return fakeModel({
      answer: (prompt, call) => {
        if (call === 1) throw error;
        return prompt;
      },
    });
  };
  const dead = await run(project, [failing(null)], { budget: { usd: 1 }, fresh: true });
  const refused = await run(project, [failing(500)], { budget: { usd: 1 }, fresh: true, useStored: false });
  expect(await paidUsd(refused)).toBeCloseTo(refused.spentUsd, 12);
  expect(await paidUsd(dead)).toBeGreaterThan(2 * dead.spentUsd);
});

test("a limit that cannot be kept is refused before anything is asked", async () => {
  const project = await tempProject();
  await writeRows(project, 2);
  const model = fakeModel();
  const unpriced = [{ ...model.arm, costOf: () => null, prices: null } as never];
  const budget = { usd: 1 };
  const request = { project, suite: limited(20), arms: unpriced, budget };
  await expect(evaluate(request, effects)).rejects.toMatchObject({ code: "WB_PRICE_UNKNOWN", exitCode: 2 });
  await expect(run(project, [model], { suite: limited(), budget })).rejects.toThrow(/maxTokens/);
  await expect(run(project, [model], { budget: { usd: 0 } })).rejects.toMatchObject({ code: "WB_USAGE" });
  expect(model.calls()).toBe(0);
});

test("a process that died leaves its reservations to the next one", async () => {
  const project = await tempProject();
  await writeRows(project, 40);
  const usd = 0.0015;
  let isDying = true;
  const auth = new EndpointError({ kind: "auth", origin: "http://fake.test", what: "bad key" });
  const model = fakeModel({
    answer: (prompt, call) => {
      if (isDying && call === 8) throw auth;
      return prompt;
    },
  });
  await expect(run(project, [model], { budget: { usd } })).rejects.toMatchObject({ code: "WB_KEY_REFUSED" });
  isDying = false;
  const done = await run(project, [model], { budget: { usd } });
  expect(done.resumed).toBeGreaterThan(0);
  expect(await paidUsd(done)).toBeLessThanOrEqual(usd);
  expect(done.result.notRun).toBeGreaterThan(0);
});

test("hours: nothing is begun after the limit", async () => {
  const project = await tempProject();
  await writeRows(project, 30);
  let now = 0;
  const slow = { ...effects, monotonicMs: () => (now += 1000) };
  const model = fakeModel({ concurrency: 1 });
  const request = { project, suite: limited(20), arms: [model.arm], budget: { hours: 0.02 } };
  const { result } = await evaluate(request, slow);
  expect(result.notRun).toBeGreaterThan(0);
  expect(result.reason).toBe("the time limit of 0.02 h");
});

test("a prompt's upper bound in tokens counts its bytes", () => {
  const messages = [{ role: "user" as const, content: "é".repeat(100) }];
  expect(mostInputTokens({ messages })).toBeGreaterThan(200 + 256);
});

test("a disk that fills up ends those who wait for a call in flight", async () => {
  let isFull = false;
  const write = async (): Promise<void> => (isFull ? Promise.reject(new Error("disk full")) : undefined);
  const arm = fakeModel().arm as LiveArm;
  const request = { model: "m", messages: [{ role: "user" as const, content: "?" }], maxTokens: 20 };
  const budget = makeBudget({ limits: { usd: 0.0005 }, write, warn: () => undefined, effects });
  const first = await budget.reserve(arm, request);
  const second = budget.reserve(arm, request);
  isFull = true;
  await expect(first.settle(0)).rejects.toThrow("disk full");
  await expect(second).rejects.toThrow("disk full");
});
