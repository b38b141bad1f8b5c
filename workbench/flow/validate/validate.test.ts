import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { expect, onTestFinished, test } from "vitest";
import { WorkbenchError } from "../../errors/error.ts";
import { chat } from "../../evaluate/chat.ts";
import { regex } from "../../evaluate/scorers/regex.ts";
import { jsonl } from "../../evaluate/source.ts";
import { suite } from "../../evaluate/suite.ts";
import { fakeServer, type FakeServer, type FakeServerOptions } from "../../evaluate/testing/fake-server.ts";
import { tempProject, writeRows } from "../../evaluate/testing/project.ts";
import { digestOf } from "../../schema/canonical.ts";
import { Targets, Validation } from "../../schema/targets.ts";
import { loadConfig } from "../../store/config.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { validate, type ValidateRequest } from "./validate.ts";

const CONFIG = (local: string, fallback: string): string => `
endpoints:
  here: { kind: openai, url: ${local}/v1 }
  there: { kind: openai, url: ${fallback}/v1 }
models:
  small: { endpoint: here, model: small, price: test/small }
  large: { endpoint: there, model: large, price: test/large }
prices: [prices.yaml]
`;

const row = (model: string, usd: number): string =>
  `  - { model: ${model}, usdPerMillion: { input: ${usd}, cachedRead: 0, cacheWrite: 0, output: ${usd} }, effectiveFrom: 2026-01-01, source: test, retrievedAt: 2026-01-01 }\n`;

const Asked = z.looseObject({ input: z.object({ text: z.string() }), expected: z.string() });

interface Stage {
  readonly project: Project;
  readonly local: FakeServer;
  readonly fallback: FakeServer;
  readonly run: (more?: Partial<ValidateRequest>, targets?: object) => ReturnType<typeof validate>;
}

/** Two real servers on loopback, 20 items, each answered with 18 tokens: $1 and $100 per million. */
async function stage(local: FakeServerOptions = {}, fallback: FakeServerOptions = {}): Promise<Stage> {
  const [here, there] = [await fakeServer(local), await fakeServer(fallback)];
  onTestFinished(async () => {
    await Promise.all([here.close(), there.close()]);
  });
  const project = await tempProject(CONFIG(here.origin, there.origin));
  const prices = `schema: workbench/prices@1\nrows:\n${row("test/small", 1)}${row("test/large", 100)}`;
  await writeFile(join(project.root, "prices.yaml"), prices);
  const measured = suite("asked", {
    arms: {},
    data: jsonl(await writeRows(project, 20), { row: Asked }),
    task: chat<z.infer<typeof Asked>>({ user: (s) => s.input.text, maxTokens: 20 }),
    scorers: [regex(/^[0-9a-f]{8}$/, { as: "hex" })],
  });
  const config = await loadConfig(project, realEffects);
  return {
    project,
    local: here,
    fallback: there,
    run: (more = {}, asked = {}) => {
      const targets = Targets.parse({
        schema: "workbench/targets@1",
        name: "test",
        tasksPerMonth: 1000,
        targets: { localShare: { atLeast: 0.5 }, quality: { atLeast: 0.5 }, uptime: { atLeast: 0.8 } },
        ...asked,
      });
      return validate({
        project,
        config,
        suite: { suite: measured, file: "asked", fileSha256: "0".repeat(64) },
        local: "small",
        fallback: "large",
        targets: { targets, sha256: digestOf(targets) },
        tasks: 40,
        concurrency: 8,
        ...more,
      });
    },
  };
}

const paid = (server: FakeServer): number => [...server.paid.values()].reduce((sum, n) => sum + n, 0);
const reading = ({ readings }: Validation, metric: string) => readings.find((one) => one.metric === metric);

test("a local model that does all: every task local, each item as often as it takes, and a go", async () => {
  const { run, local, fallback } = await stage();
  const { validation, file } = await run();
  expect(validation.verdict).toBe("go");
  expect(validation.tasks).toEqual({ asked: 40, items: 20, local: 40, fallback: 0, failed: 0, notRun: 0 });
  expect([paid(local), paid(fallback)]).toEqual([40, 0]);
  expect(Validation.parse(JSON.parse(await readFile(file, "utf8")))).toEqual(validation);
  // 18 tokens at $1 a million, 1,000 tasks a month.
  expect(reading(validation, "monthlyUsd")?.estimate).toBeCloseTo(0.018, 12);
  expect(reading(validation, "localShare")).toMatchObject({ standing: "met", estimate: 1, n: 40 });
  expect(reading(validation, "latencyMs.p50")?.standing).toBe("shown");
});

test("errors of the local model are answered by the fallback, counted with their reason, and not tried again", async () => {
  const faults = { share: 0.5, modes: ["500", "half-json", "wrong-model"] as const, seed: 4 };
  const { run, local, fallback } = await stage({ faults });
  const { validation } = await run(
    {},
    { targets: { fallbackShare: { atMost: 0.01 }, uptime: { atLeast: 0.8 } } },
  );
  const { tasks } = validation;
  expect(tasks.local + tasks.fallback).toBe(40);
  expect(tasks.fallback).toBeGreaterThan(8);
  expect([paid(local), paid(fallback)]).toEqual([tasks.local, tasks.fallback]);
  const reasons = Object.values(validation.fallbackReasons).reduce((sum, n) => sum + n, 0);
  expect(reasons).toBe(tasks.fallback);
  expect(Object.keys(validation.fallbackReasons).sort()).toEqual([
    "another model answered",
    "bad-reply",
    "unavailable",
  ]);
  expect(reading(validation, "fallbackShare")?.standing).toBe("missed");
  expect(reading(validation, "uptime")).toMatchObject({ estimate: 1, standing: "met" });
  expect(validation.verdict).toBe("no-go");
  const usd = (18 * tasks.local + 1800 * tasks.fallback) / 1e6;
  expect(reading(validation, "monthlyUsd")?.estimate).toBeCloseTo((usd / 40) * 1000, 9);
});

test("a local model that is too slow is left at its deadline; the task's latency holds both waits", async () => {
  const { run } = await stage({ latencyMs: 2000 }, { latencyMs: 20 });
  const route = { localDeadlineMs: 150, fallbackDeadlineMs: 5000 };
  const { validation } = await run({ tasks: 20 }, { route });
  expect(validation.tasks).toMatchObject({ local: 0, fallback: 20 });
  expect(validation.fallbackReasons).toEqual({ timeout: 20 });
  expect(reading(validation, "latencyMs.p50")?.estimate).toBeGreaterThan(165);
});

test("an answer that is not acceptable falls back, and both answers are paid for", async () => {
  const { run } = await stage();
  const { validation } = await run(
    { tasks: 20 },
    { route: { accept: { confidence: { at: "sure", atLeast: 0.8 } } } },
  );
  // One of the answers consists of digits: JSON, but it does not say how sure it is.
  expect(validation.fallbackReasons).toEqual({ "not JSON": 19, "not sure": 1 });
  expect(reading(validation, "monthlyUsd")?.estimate).toBeCloseTo(18 * 101 * 1e-6 * 1000, 9);
});

test("a task that nobody answered failed: neither local nor fallback, not scored, not tried again", async () => {
  const faults = { share: 0.5, modes: ["500"] as const, seed: 7 };
  const { run } = await stage({ faults }, { faults: { ...faults, seed: 8 } });
  const { validation } = await run();
  const { local, fallback, failed } = validation.tasks;
  expect(local + fallback + failed).toBe(40);
  expect(failed).toBeGreaterThan(3);
  expect(reading(validation, "uptime")).toMatchObject({ estimate: (40 - failed) / 40, n: 40 });
  expect(reading(validation, "quality")?.n).toBe(40 - failed);
});

test("models that never answered are no result: exit 5, nothing kept, and the same goes on when they are back", async () => {
  const faults = { share: 1, modes: ["500"] as const, seed: 1 };
  const { run } = await stage({ faults }, { faults });
  await expect(run()).rejects.toMatchObject({ code: "WB_ENDPOINT_DOWN" });
});

test("fewer tasks than items are a random part; without a fallback the local model stands alone", async () => {
  const { run } = await stage();
  const { validation } = await run({ tasks: 7, fallback: null });
  expect(validation.tasks).toMatchObject({ asked: 7, items: 7, local: 7 });
  // Seven tasks show nothing about half of them being local or right, though all were.
  expect(reading(validation, "uptime")).toMatchObject({ estimate: 1, standing: "open" });
  expect(validation.verdict).toBe("inconclusive");
});

test("interrupted, it goes on where it stopped; finished, it asks nothing; other targets read the same rows", async () => {
  const { run, local } = await stage();
  let told = 0;
  const stop = (): void => {
    if (++told === 10) throw new WorkbenchError({ code: "WB_USAGE", what: "stopped by the test" });
  };
  await expect(run({ tell: stop })).rejects.toThrow("stopped by the test");
  const before = paid(local);
  expect(before).toBeLessThan(40);
  const { validation, evaluation } = await run();
  expect(evaluation.resumed).toBeGreaterThan(0);
  expect(validation.tasks.local).toBe(40);
  // What was in flight when it stopped may be asked twice: never more than eight.
  expect(paid(local)).toBeLessThanOrEqual(40 + 8);
  const after = paid(local);
  const again = await run({}, { targets: { localShare: { atLeast: 0.99 } } });
  expect(paid(local)).toBe(after);
  expect(again.evaluation.unchanged).toBe(true);
  expect(again.validation.run).toBe(validation.run);
  expect(again.validation.verdict).toBe("inconclusive");
});
