import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { spentSince } from "../store/spending.ts";
import { takeAllotment } from "./allotment.ts";
import { chat } from "./chat.ts";
import { evaluate, type EvalRequest, type Evaluation } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeModel, type FakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
  readonly expected: string;
}
const EPOCH = "1970-01-01T00:00:00.000Z";
const effects = { ...realEffects, sleep: async () => undefined };

async function budgeted(yaml: string, rows = 40): Promise<Project> {
  const project = await tempProject();
  await writeRows(project, rows);
  await writeFile(project.config, `schema: workbench/config@1\nproject: test\nbudgets: ${yaml}\n`);
  return project;
}

const run = (
  project: Project,
  models: readonly FakeModel[],
  name = "numbers",
  more: Partial<EvalRequest> = {},
): Promise<Evaluation> => {
  const arms = models.map(({ arm }) => arm);
  const numbers = suite(name, {
    arms: { baseline: "a", candidate: "b" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text, maxTokens: 20 }),
    scorers: [exact()],
  });
  return evaluate({ project, suite: numbers, arms, ...more }, effects);
};
const pair = (): FakeModel[] => [fakeModel(), fakeModel({ name: "candidate" })];

test("a day's budget is one for all its runs: it stops at the limit, warns, and then refuses", async () => {
  const project = await budgeted("{ day: { usd: 0.002 } }");
  const warnings: string[] = [];
  const first = await run(project, pair());
  expect(first.result.notRun).toBeGreaterThan(0);
  const after = await spentSince(project, EPOCH, realEffects);
  expect(after.usd).toBeLessThanOrEqual(0.002);
  await run(project, pair(), "others", { warn: (text) => warnings.push(text), useStored: false }).catch(
    () => undefined,
  );
  expect((await spentSince(project, EPOCH, realEffects)).usd).toBeLessThanOrEqual(0.002);
  expect(warnings.join("\n")).toMatch(/of this day's \$0\.0020/);
});

test("what is spent to the last cent refuses the next run before it asks", async () => {
  const project = await budgeted("{ month: { usd: 0.001 } }", 4);
  await mkdir(join(project.runs, "older"), { recursive: true });
  const at = new Date().toISOString();
  const lines = [
    { seq: 0, at, kind: "budget.reserved", key: "r", data: { usd: 0.001 } },
    { seq: 1, at, kind: "budget.settled", key: "s", data: { of: "r", usd: 0.001 } },
  ];
  await writeFile(
    join(project.runs, "older", "events.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  const models = pair();
  await expect(run(project, models)).rejects.toMatchObject({ code: "WB_BUDGET_SPENT", exitCode: 3 });
  expect(models[0]!.calls()).toBe(0);
});

test("a run keeps its own limit, and a model without a price is refused before the start", async () => {
  const project = await budgeted("{ run: { usd: 0.0015 } }", 60);
  const done = await run(project, pair());
  expect(done.result.reason).toMatch(/budget of \$0\.0015/);
  const blind = fakeModel();
  const models = [{ ...blind, arm: { ...blind.arm, costOf: () => null } }, fakeModel({ name: "candidate" })];
  await expect(run(await budgeted("{ run: { usd: 1 } }"), models)).rejects.toMatchObject({
    code: "WB_PRICE_UNKNOWN",
    exitCode: 2,
  });
  expect(blind.calls()).toBe(0);
});

test("living runs hold their share, a dead one's is free, a torn line is nothing", async () => {
  const project = await budgeted("{ day: { usd: 1 }, run: { usd: 0.4 } }");
  const folder = join(project.runs, "none");
  const take = () => takeAllotment({ project, folder, limits: {}, warn: undefined }, realEffects);
  const [a, b, c] = [await take(), await take(), await take()];
  expect([a, b, c].map(({ limits }) => limits.usd)).toEqual([0.4, 0.4, expect.closeTo(0.2, 9)]);
  await expect(take()).rejects.toMatchObject({ code: "WB_BUDGET_SPENT" });
  await b.close();
  const ledger = join(project.private, "allotments.jsonl");
  const dead = { id: "dead", pid: 2 ** 22 + 1, usd: 0.3, taken: true };
  await appendFile(ledger, `${JSON.stringify(dead)}\n{"id":"torn","pi`);
  expect((await take()).limits.usd).toBeCloseTo(0.4, 9);
  // The line after the torn one counts: all is held again.
  await expect(take()).rejects.toMatchObject({ code: "WB_BUDGET_SPENT" });
});

test("two runs at once cannot pass the limit together", async () => {
  const project = await budgeted("{ day: { usd: 0.002 } }");
  const runs = ["one", "two", "three"].map((name) =>
    run(project, pair(), name, { useStored: false }).catch((thrown: unknown) => thrown),
  );
  await Promise.all(runs);
  expect((await spentSince(project, EPOCH, realEffects)).usd).toBeLessThanOrEqual(0.002);
});

test("without budgets nothing is held and nothing is written", async () => {
  const project = await tempProject();
  await writeRows(project, 3);
  const done = await run(project, pair());
  expect(done.result.notRun).toBe(0);
  expect(await realEffects.stat(join(project.private, "allotments.jsonl"))).toBeNull();
});
