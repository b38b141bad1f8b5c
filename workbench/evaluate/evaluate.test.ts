import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EndpointError } from "../endpoint/error.ts";
import { realEffects } from "../store/effects.ts";
import { readJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import { SampleRow } from "../schema/run.ts";
import { chat } from "./chat.ts";
import { evaluate, type EvalRequest, type Evaluation } from "./evaluate.ts";
import { mean, passHat } from "./reduce.ts";
import { defineScorer } from "./scorers/define.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite, type Suite, type SuiteDefinition } from "./suite.ts";
import { fakeModel, type FakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
  readonly expected: string;
}

const effects = { ...realEffects, sleep: async () => undefined };

function numbers(more: Partial<SuiteDefinition<{ text: string }, string>> = {}): Suite {
  return suite("numbers", {
    arms: { baseline: "a", candidate: "b" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text }),
    scorers: [exact()],
    slices: ["half"],
    ...more,
  });
}

/** Answers right for even numbers. */
const halfRight = (prompt: string): string => {
  const number = Number(prompt.split(" ")[1]);
  return number % 2 === 0 ? `answer ${number}` : "?";
};

async function run(
  project: Project,
  models: readonly FakeModel[],
  more: Partial<EvalRequest> = {},
): Promise<Evaluation> {
  return evaluate({ project, suite: numbers(), arms: models.map(({ arm }) => arm), ...more }, effects);
}

const rowsOf = async (done: Evaluation): Promise<readonly SampleRow[]> =>
  (await readFile(join(done.folder, "samples.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => SampleRow.parse(JSON.parse(line)));

test("two arms answer the same samples; figures are those of the rows", async () => {
  const project = await tempProject();
  await writeRows(project, 20);
  const [baseline, candidate] = [
    fakeModel({ answer: halfRight }),
    fakeModel({ name: "candidate", answer: (prompt) => prompt.replace("question", "answer") }),
  ];
  const done = await run(project, [baseline, candidate]);
  expect(done.result).toMatchObject({ planned: 40, done: 40, failed: 0, notRun: 0 });
  expect(done.result.metrics["baseline"]).toMatchObject({
    exact: 0.5,
    "exact.n": 20,
    success: 0.5,
    errorRate: 0,
  });
  expect(done.result.metrics["candidate"]).toMatchObject({ exact: 1 });
  const rows = await rowsOf(done);
  expect(rows).toHaveLength(40);
  expect(rows.filter(({ arm }) => arm === "baseline").map(({ sampleId }) => sampleId)).toEqual(
    rows.filter(({ arm }) => arm === "candidate").map(({ sampleId }) => sampleId),
  );
  expect(rows[0]?.slices["half"]).toMatch(/even|odd/);
  expect(rows[0]?.costUsd).toBeCloseTo(10e-6 + 4e-6 * (rows[0]?.outputTokens ?? 0), 12);
});

test("the same evaluation again does nothing, and a changed scorer is another run without a new call", async () => {
  const project = await tempProject();
  await writeRows(project, 10);
  const model = fakeModel({ answer: halfRight });
  const first = await run(project, [model]);
  const again = await run(project, [model]);
  expect(again).toMatchObject({ id: first.id, unchanged: true });
  const other = await run(project, [model], {
    suite: numbers({ scorers: [exact({ normalise: ["case"] })] }),
  });
  expect(other.id).not.toBe(first.id);
  expect(other).toMatchObject({ unchanged: false, stored: 10, spentUsd: 0 });
  expect(model.calls()).toBe(10);
});

test("a fresh run of stored answers gives the same bytes", async () => {
  const project = await tempProject();
  await writeRows(project, 15);
  const models = [fakeModel({ answer: halfRight }), fakeModel({ name: "candidate" })];
  const first = await run(project, models);
  const fresh = await run(project, models, { fresh: true });
  expect(fresh.id).toBe(`${first.id}-r2`);
  expect(await readFile(join(fresh.folder, "samples.jsonl"), "utf8")).toBe(
    await readFile(join(first.folder, "samples.jsonl"), "utf8"),
  );
  expect(models.map((model) => model.calls())).toEqual([15, 15]);
  expect((await run(project, models)).id).toBe(fresh.id);
});

test("an error has no score: it is a row of its own and never counts as wrong", async () => {
  const project = await tempProject();
  await writeRows(project, 10);
  const refused = new EndpointError({ kind: "refused", origin: "http://fake.test", what: "no", status: 400 });
  const model = fakeModel({
    answer: (prompt) => {
      if (prompt === "question 3") throw refused;
      return prompt.replace("question", "answer");
    },
  });
  const done = await run(project, [model]);
  expect(done.result).toMatchObject({ done: 9, failed: 1 });
  expect(done.result.metrics["baseline"]).toMatchObject({ exact: 1, "exact.n": 9, errorRate: 0.1 });
  const failed = (await rowsOf(done)).filter(({ status }) => status === "failed");
  expect(failed).toMatchObject([{ scores: {}, success: null, output: null, error: { code: "refused" } }]);
  expect(model.calls()).toBe(10);
});

test("what may pass is tried again, at most five times and within the run's retries", async () => {
  const project = await tempProject();
  await writeRows(project, 10);
  const busy = new EndpointError({
    kind: "unavailable",
    origin: "http://fake.test",
    what: "busy",
    status: 500,
  });
  const flaky = fakeModel({
    answer: (prompt, call) => {
      if (call % 3 === 1) throw busy;
      return prompt;
    },
  });
  expect((await run(project, [flaky])).result).toMatchObject({ done: 10, failed: 0 });
  const other = fakeModel({
    name: "candidate",
    answer: (prompt) => {
      if (prompt !== "question 0") throw busy;
      return prompt;
    },
  });
  const done = await run(project, [other], { select: { limit: 5 } }).catch((error: unknown) => error);
  // 5 samples at 5 attempts would be 21 calls and more; the retry budget is 10 and a tenth of the calls.
  expect(other.calls()).toBeLessThanOrEqual(5 + 10 + 2);
  expect(done).toBeDefined();
});

test("an endpoint that never answers is exit 5, leaves no result, and the same command goes on later", async () => {
  const project = await tempProject();
  await writeRows(project, 30);
  let isUp = false;
  const down = new EndpointError({
    kind: "unavailable",
    origin: "http://fake.test",
    what: "connection refused",
  });
  const model = fakeModel({
    answer: (prompt) => {
      if (!isUp) throw down;
      return prompt;
    },
  });
  await expect(run(project, [model])).rejects.toMatchObject({ code: "WB_ENDPOINT_DOWN", exitCode: 5 });
  expect(model.calls()).toBeLessThan(40);
  isUp = true;
  expect((await run(project, [model])).result).toMatchObject({ done: 30, failed: 0 });
});

test("a refused key stops the run at once", async () => {
  const project = await tempProject();
  await writeRows(project, 30);
  const auth = new EndpointError({ kind: "auth", origin: "http://fake.test", what: "bad key", status: 401 });
  const model = fakeModel({
    answer: () => {
      throw auth;
    },
  });
  await expect(run(project, [model])).rejects.toMatchObject({ code: "WB_KEY_REFUSED", exitCode: 2 });
  expect(model.calls()).toBeLessThanOrEqual(2);
});

test("a model that answers under another name is no answer", async () => {
  const project = await tempProject();
  await writeRows(project, 3);
  const model = fakeModel();
  const liar = { ...model.arm, requestModel: "asked" };
  const client = (model.arm as { client: { chat: (...args: never[]) => Promise<object> } }).client;
  const lying = {
    ...client,
    chat: async (...args: never[]) => ({ ...(await client.chat(...args)), servedModel: "x" }),
  };
  const request = { project, suite: numbers(), arms: [{ ...liar, client: lying } as never] };
  await expect(evaluate(request, effects)).rejects.toMatchObject({ code: "WB_ENDPOINT_REPLY" });
});

test("a scorer that throws or gives NaN leaves the answer unscored, with the reason", async () => {
  const project = await tempProject();
  await writeRows(project, 4);
  const bad = defineScorer({ name: "bad", version: 1, args: {} }, () => {
    throw new Error("boom");
  });
  const nan = defineScorer({ name: "nan", version: 1, args: {} }, () => ({ value: NaN }));
  const done = await run(project, [fakeModel()], { suite: numbers({ scorers: [exact(), bad, nan] }) });
  expect(done.result.metrics["baseline"]).toMatchObject({ bad: null, "bad.unscored": 4, "nan.unscored": 4 });
  expect((await rowsOf(done))[0]?.scores["bad"]).toEqual({ value: null, reason: "the scorer failed: boom" });
});

test("repeats are reduced before anything is averaged", async () => {
  const project = await tempProject();
  await writeRows(project, 6);
  const model = fakeModel({
    answer: (prompt, call) => (call % 2 === 0 ? prompt.replace("question", "answer") : "?"),
    concurrency: 1,
  });
  const done = await run(project, [model], {
    suite: numbers({ epochs: { count: 2, reduce: { exact: [mean(), passHat(2)] } } }),
  });
  expect(done.result.metrics["baseline"]).toMatchObject({ exact: 0.5, "exact.n": 6, "exact.passHat2": 0 });
  expect(model.calls()).toBe(12);
});

test("samples that a candidate was trained on are left out for every arm, and counted", async () => {
  const project = await tempProject();
  await writeRows(project, 10);
  const models = [
    fakeModel(),
    fakeModel({ name: "candidate", trainedOn: (text) => text === "question 1" || text === "question 2" }),
  ];
  const done = await run(project, models);
  expect(done.result).toMatchObject({ planned: 20, done: 16, contaminated: 4, failed: 0, notRun: 0 });
  expect(models.map((model) => model.calls())).toEqual([8, 8]);
});

test("rows that do not parse are quarantined with place and reason; repeated rows are told", async () => {
  const project = await tempProject();
  const path = join(project.root, await writeRows(project, 3));
  await appendFile(path, 'not json\n{"id":"x"}\n{"input":{"text":"question 0"},"expected":"answer 0"}\n');
  const done = await run(project, [fakeModel()]);
  expect(done.quarantined.map(({ place }) => place)).toEqual([
    "evals/data/rows.jsonl:4",
    "evals/data/rows.jsonl:5",
  ]);
  expect(done.duplicates).toBe(1);
  expect(done.result.planned).toBe(4);
});

test("the order is seeded, the arms of a sample are neighbours, and neither always comes first", async () => {
  const project = await tempProject();
  await writeRows(project, 40);
  const asked: string[] = [];
  const note = (name: string) => (prompt: string) => (asked.push(`${prompt} ${name}`), prompt);
  const models = ["baseline", "candidate"].map((name) =>
    fakeModel({ name, answer: note(name), concurrency: 1 }),
  );
  const done = await run(project, models);
  const pairs = Array.from({ length: 40 }, (_, i) => asked.slice(2 * i, 2 * i + 2));
  for (const [first, second] of pairs)
    expect(first?.split(" ").slice(0, 2)).toEqual(second?.split(" ").slice(0, 2));
  const baselineFirst = pairs.filter(([first]) => first?.endsWith("baseline")).length;
  expect(baselineFirst).toBeGreaterThan(8);
  expect(baselineFirst).toBeLessThan(32);
  const labels = (await rowsOf(done)).filter(({ arm }) => arm === "baseline").map(({ label }) => label);
  expect(labels).not.toEqual([...labels].sort());
});

test("a limit takes a random part, the same each time; --only takes a slice", async () => {
  const project = await tempProject();
  await writeRows(project, 40);
  const part = await run(project, [fakeModel()], { select: { limit: 10 } });
  const all = await run(project, [fakeModel()]);
  const labels = (await rowsOf(all)).map(({ label }) => label);
  expect((await rowsOf(part)).map(({ label }) => label)).toEqual(labels.slice(0, 10));
  const even = await run(project, [fakeModel()], { select: { only: "half=even" } });
  expect(even.result.planned).toBe(20);
});

test("a journal that was changed is an integrity failure, not a result", async () => {
  const project = await tempProject();
  await writeRows(project, 5);
  const done = await run(project, [fakeModel()]);
  const journal = join(done.folder, "events.jsonl");
  const text = await readFile(journal, "utf8");
  await rm(join(done.folder, "result.json"));
  await writeFile(journal, text.replace('"seq":2', '"seq":9'));
  await expect(run(project, [fakeModel()])).rejects.toMatchObject({ exitCode: 6 });
  await writeFile(journal, text);
  expect((await run(project, [fakeModel()])).resumed).toBe(5);
  expect((await readJournal(journal)).lines.at(-1)?.kind).toBe("run.resumed");
});

test("pairs are counted, how far apart they began is told, and prompts that differ are found", async () => {
  const project = await tempProject();
  await writeRows(project, 12);
  const models = [fakeModel({ concurrency: 4 }), fakeModel({ name: "candidate", concurrency: 4 })];
  const done = await run(project, models);
  expect(done.result.pairing).toEqual({ complete: 12, planned: 12, promptsDiffer: 0 });
  expect(done.startSkew?.pairs).toBe(12);
  expect(done.startSkew?.maxMs).toBeGreaterThanOrEqual(done.startSkew?.p50Ms ?? NaN);
  let asked = 0;
  const moody = numbers({ task: chat<Row>({ user: (s) => `${s.input.text} ${asked++}` }) });
  const other = await run(project, models, { suite: moody });
  expect(other.result.pairing).toEqual({ complete: 12, planned: 12, promptsDiffer: 12 });
  const again = await run(project, models, { fresh: true });
  expect([again.stored, again.startSkew]).toEqual([24, null]);
});

test("an arm whose every question is refused is exit 5, whatever the other arms say", async () => {
  const project = await tempProject();
  await writeRows(project, 12);
  const no = new EndpointError({
    kind: "refused",
    origin: "http://fake.test",
    what: "HTTP 400",
    status: 400,
  });
  const dead = fakeModel({
    name: "candidate",
    group: "other",
    answer: () => {
      throw no;
    },
  });
  await expect(run(project, [fakeModel(), dead])).rejects.toMatchObject({
    code: "WB_ENDPOINT_REPLY",
    exitCode: 5,
  });
});
