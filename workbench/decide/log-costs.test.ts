import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { priceTable } from "../cost/price.ts";
import { ingest } from "../ingest/ingest.ts";
import { Config } from "../schema/config.ts";
import { replaceFile } from "../store/atomic.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { PriceRow } from "../schema/price.ts";
import { businessCase } from "./business-case.ts";
import { costAdvice } from "./cost-advice.ts";
import { costReport } from "./cost-report.ts";
import { logCosts } from "./log-costs.ts";
import { testProject } from "./testing/project.ts";

const PRICES = `schema: workbench/prices@1
rows:
  - model: acme/large
    usdPerMillion: { input: 2.5, cachedRead: 1.25, output: 10 }
    effectiveFrom: 2026-01-01
    source: test
  - model: acme/small
    usdPerMillion: { input: 0.15, cachedRead: 0.075, output: 0.6 }
    effectiveFrom: 2026-01-01
    source: test
`;
const CONFIG = Config.parse({ schema: "workbench/config@1", project: "test" });

let project: Project;
beforeEach(async () => {
  project = await testProject(mkdtempSync(join(tmpdir(), "log-costs-")));
  await replaceFile(
    project.config,
    "schema: workbench/config@1\nproject: test\nprices: [evals/prices/test.yaml]\n",
  );
  await replaceFile(join(project.evals, "prices/test.yaml"), PRICES);
});

const call = (n: number, more: object = {}): Record<string, unknown> => ({
  schema: "workbench/interaction@1",
  source_id: `call-${n}`,
  conversation_id: `talk-${n}`,
  user_key: `user-${n % 12}`,
  agent: "clerk",
  task_type: "route",
  provider: "acme",
  model_served: n % 2 === 0 ? "large-2026-01-02" : "small",
  started_at: `2026-03-${String(1 + (n % 10)).padStart(2, "0")}T0${n % 8}:00:00.000Z`,
  messages: [{ role: "user", content: `question ${n}` }],
  output: [{ role: "assistant", content: "answer", finish_reason: "stop" }],
  status: "ok",
  input_tokens: 100 + n,
  cached_tokens: n % 3 === 0 ? 40 : 0,
  output_tokens: 10 + n,
  ...more,
});

async function store(calls: readonly object[]): Promise<void> {
  const path = join(project.root, "logs.jsonl");
  await replaceFile(path, calls.map((one) => `${JSON.stringify(one)}\n`).join(""));
  await ingest({ project, config: CONFIG, sources: [path], key: Buffer.alloc(32, 7) });
}

it("prices logs as an invoice would: the same cents, whichever way they are added up", async () => {
  const calls = Array.from({ length: 120 }, (_, n) => call(n));
  await store(calls);
  const report = await costReport(project);
  // The invoice, by plain arithmetic over the file.
  const invoice = calls.reduce((sum, one) => {
    const [input, cached, output] = ["input_tokens", "cached_tokens", "output_tokens"].map((key) =>
      Number(one[key]),
    ) as [number, number, number];
    const [i, c, o] = String(one["model_served"]).startsWith("large") ? [2.5, 1.25, 10] : [0.15, 0.075, 0.6];
    return sum + ((input - cached) * i + cached * c + output * o) / 1e6;
  }, 0);
  expect(report.logs?.ledger.total.usd).toBeCloseTo(invoice, 12);
  expect(report.logs).toMatchObject({ calls: 120, days: 10, pricedByTable: 120, requestsPerDay: 12 });
  // Segments add up to the whole, to the last pico-dollar.
  const parts = report.logs!.segments.map(({ ledger }) => BigInt(ledger.total.picoUsd ?? "0"));
  expect(parts.reduce((a, b) => a + b, 0n).toString()).toBe(report.logs!.ledger.total.picoUsd);
  expect(report.logs!.month!.lower).toBeLessThan(report.logs!.month!.usdPerMonth);
  expect(report.logs!.month!.upper).toBeGreaterThan(report.logs!.month!.usdPerMonth);
});

it("keeps failed calls and retries apart, and an unpriced call out of every total", async () => {
  const again = { conversation_id: "talk-0", messages: [{ role: "user", content: "question 0" }] };
  await store([
    ...Array.from({ length: 30 }, (_, n) => call(n, n === 0 ? { status: "error" } : {})),
    call(30, { ...again, started_at: "2026-03-01T00:00:20.000Z" }),
    // The same question an hour later is asked anew, not a retry.
    call(31, { ...again, started_at: "2026-03-01T01:00:20.000Z" }),
  ]);
  const priced = await costReport(project);
  expect(priced.logs?.ledger).toMatchObject({
    failed: { count: 1 },
    retries: { count: 1 },
    answers: { count: 30 },
  });
  await store([call(40, { model_served: "unheard-of", provider: "other" })]);
  const { logs } = await costReport(project);
  expect(logs?.ledger.total).toMatchObject({ count: 33, priced: 32 });
  expect(logs?.month).toBeNull();
  expect(logs?.monthRefused).toBe("1 of 33 calls have no known price");
});

it("takes the log's own cost only where the table has none, and says how many", async () => {
  await store([
    call(0, { cost_usd: 99 }),
    call(1, { model_served: "unheard-of", provider: "other", cost_usd: 0.25 }),
  ]);
  const { logs } = await costReport(project);
  expect(logs).toMatchObject({ pricedByTable: 1, pricedByLog: 1 });
  expect(logs!.ledger.total.usd).toBeLessThan(1);
});

it("questions a price whose unit slipped", async () => {
  const row = (model: string, input: number): PriceRow =>
    PriceRow.parse({ model, usdPerMillion: { input, output: 1 }, effectiveFrom: "2026-01-01", source: "t" });
  const prices = priceTable([row("a/a", 2), row("a/b", 3), row("a/c", 0.003)]);
  expect(prices.odd.map(({ model }) => model)).toEqual(["a/c"]);
  expect((await logCosts(project, { config: CONFIG, prices }, realEffects)).calls).toBe(0);
});

it("fills a scenario from the logs, and refuses one that needs prices they do not have", async () => {
  await store(Array.from({ length: 60 }, (_, n) => call(n)));
  const scenario = `schema: workbench/scenario@1
question: Is it worth it?
requestsPerDay: logs
baseline: { kind: logs }
candidate: { kind: request, usdPerRequest: 0.00001 }
oneOff: { trainingUsd: 1, labellingUsd: 0, evaluationUsd: 0, engineeringUsd: { low: 1, likely: 2, high: 4 } }
upkeepUsdPerMonth: 0
retraining: { perYear: 0, usd: 0 }
draws: 1000
`;
  await replaceFile(join(project.evals, "scenarios/case.yaml"), scenario);
  const found = await businessCase(project, "case");
  const { logs } = await costReport(project);
  expect(found.fromLogs?.requestsPerDay).toBe(6);
  expect(found.outcome?.baselineUsdPerMonth).toBeCloseTo(logs!.month!.usdPerMonth, 12);
  expect(found.simulated?.tornado.map(({ input }) => input)).toEqual(["oneOff.engineeringUsd"]);
  await store([call(99, { model_served: "unheard-of", provider: "other" })]);
  expect((await businessCase(project, "case")).refused).toBe("1 of 61 logged calls have no known price");
  await replaceFile(
    join(project.evals, "scenarios/case.yaml"),
    scenario.replace("engineeringUsd", "labourUsd"),
  );
  await expect(businessCase(project, "case")).rejects.toMatchObject({ code: "WB_SCENARIO_INVALID" });
});

it("advises what would cost less, each with its saving, its interval and what it rests on", async () => {
  await replaceFile(
    join(project.evals, "prices/test.yaml"),
    `${PRICES}  - model: acme/large
    tier: batch
    usdPerMillion: { input: 1.25, output: 5 }
    effectiveFrom: 2026-01-01
    source: test
`,
  );
  const long = (n: number): object => ({
    messages: [
      { role: "system", content: "rules ".repeat(800) },
      { role: "user", content: `question ${n}` },
    ],
    input_tokens: 2000,
    cached_tokens: 0,
    model_served: "large",
    agent: "long",
  });
  const minute = (n: number): string =>
    `2026-03-0${1 + Math.floor(n / 20)}T08:${String(n % 20).padStart(2, "0")}:00.000Z`;
  const grows = (n: number): object => ({
    agent: "wordy",
    model_served: "large",
    output_tokens: n < 60 ? 50 + (n % 5) : 90 + (n % 5),
  });
  const calls = [
    ...Array.from({ length: 60 }, (_, n) => call(n, { ...long(n), started_at: minute(n) })),
    ...Array.from({ length: 120 }, (_, n) =>
      call(200 + n, { ...grows(n), started_at: `2026-03-0${1 + Math.floor(n / 20)}T1${n % 10}:00:00.000Z` }),
    ),
    ...Array.from({ length: 24 }, (_, n) =>
      call(400 + n, {
        agent: "echo",
        messages: [{ role: "user", content: "the same" }],
        started_at: `2026-03-02T${String(n).padStart(2, "0")}:30:00.000Z`,
      }),
    ),
    ...Array.from({ length: 20 }, (_, n) =>
      call(500 + n, {
        agent: "night",
        model_served: "large",
        user_key: undefined,
        conversation_id: undefined,
      }),
    ),
    call(600, { status: "error", agent: "flaky" }),
  ];
  await store(calls);
  const found = await costAdvice(project);
  const of = (kind: string, agent: string) =>
    found.find((one) => one.kind === kind && one.where.startsWith(agent));
  // 57 of 60 calls begin like one of the minute before; about 99 % of 2,000 tokens is the beginning.
  const cached = of("repeated-prefix", "long");
  expect(cached?.calls).toBe(60);
  expect(cached!.savingUsdPerMonth! / ((57 * 1975 * 1.25e-6 * 365) / 12 / 10)).toBeCloseTo(1, 1);
  expect(cached!.lower!).toBeLessThan(cached!.savingUsdPerMonth!);
  // 24 calls to two models in turn: the first to each is no repeat.
  const echoes = found.filter(({ kind, where }) => kind === "exact-repeat" && where.startsWith("echo"));
  expect(echoes.map(({ calls: repeats }) => repeats)).toEqual([11, 11]);
  expect(of("batch", "night")?.savingUsdPerMonth).toBeGreaterThan(0);
  expect(of("retry-waste", "flaky")).toMatchObject({
    calls: 1,
    lower: null,
    blank: expect.stringContaining("too few") as string,
  });
  const wordy = of("growing-output", "wordy");
  expect(wordy!.savingUsdPerMonth!).toBeCloseTo((40 * 1e-5 * 120 * 365) / 12 / 10, 9);
  expect(wordy!.lower!).toBeLessThan(wordy!.savingUsdPerMonth!);
  expect(new Set(found.map(({ basis }) => basis))).toEqual(new Set(["estimated from logs"]));
  expect(found.filter(({ kind }) => kind === "idle-model")).toEqual([]);
});
