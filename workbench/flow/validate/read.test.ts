import { expect, test } from "vitest";
import type { ChatReply } from "../../endpoint/client.ts";
import type { SampleRow } from "../../schema/run.ts";
import { RouteRules, Targets } from "../../schema/targets.ts";
import { gather, readTargets, verdictOf } from "./read.ts";
import { flawOf } from "./route.ts";

const row = (i: number, more: Partial<SampleRow> & { readonly answeredBy?: string } = {}): SampleRow => ({
  sampleId: String(i).padStart(64, "0"),
  label: String(i),
  arm: "gateway",
  epoch: 1,
  status: "scored",
  input: "",
  expected: "",
  output: "x",
  scores: { right: { value: 1 } },
  success: true,
  latencyMs: i + 1,
  ttftMs: null,
  inputTokens: 1,
  cachedTokens: null,
  outputTokens: 1,
  costUsd: 0.001,
  judgeCostUsd: null,
  servedModel: null,
  finishReason: null,
  slices: {},
  cluster: null,
  error: null,
  columns: { answeredBy: more.answeredBy ?? "local" },
  ...more,
});

const targets = (of: object): Targets =>
  Targets.parse({ schema: "workbench/targets@1", name: "t", tasksPerMonth: 43_200, targets: of });

function read(rows: readonly SampleRow[], of: object) {
  const fold = gather("right");
  rows.forEach(fold.visit);
  const readings = readTargets(fold.end(), targets(of));
  return {
    verdict: verdictOf(readings),
    of: (metric: string) => readings.find((one) => one.metric === metric),
  };
}

const many = (count: number, make: (i: number) => SampleRow): SampleRow[] =>
  Array.from({ length: count }, (_, i) => make(i));

test("no failure among 10 000 tasks shows 99.9 % uptime; none among 1 000 does not", () => {
  const of = { uptime: { atLeast: 0.999 } };
  // 1 − 0.025^(1/n): the exact limit of "nothing failed".
  const large = read(
    many(10_000, (i) => row(i)),
    of,
  );
  expect(large.of("uptime")?.lower).toBeCloseTo(0.025 ** (1 / 10_000), 9);
  expect(large.verdict).toBe("go");
  expect(
    read(
      many(1000, (i) => row(i)),
      of,
    ).verdict,
  ).toBe("inconclusive");
});

test("repeats of an item are not further items: 25 answers to each of 40 are 40", () => {
  const rows = many(1000, (i) => row(i % 40, { epoch: 1 + Math.floor(i / 40) }));
  const found = read(rows, { localShare: { atLeast: 0.95 } }).of("localShare");
  expect(found).toMatchObject({ estimate: 1, n: 1000, standing: "open" });
  expect(found?.lower).toBeCloseTo(0.025 ** (1 / 40), 9);
});

test("the three shares are of all tasks; a failed task is neither, has no latency and no score", () => {
  const rows = many(400, (i) =>
    i % 4 === 0
      ? row(i, { status: "failed", scores: {}, latencyMs: null, costUsd: null })
      : row(i, { answeredBy: i % 4 === 1 ? "fallback" : "local" }),
  );
  const found = read(rows, { localShare: { atLeast: 0.99 } });
  expect(["localShare", "fallbackShare", "uptime"].map((name) => found.of(name)?.estimate)).toEqual([
    0.5, 0.25, 0.75,
  ]);
  expect(["quality", "latencyMs.p95", "monthlyUsd"].map((name) => found.of(name)?.n)).toEqual([
    300, 300, 300,
  ]);
  expect(found.verdict).toBe("no-go");
});

test("the month's cost is the mean of a task times its tasks; an unknown price leaves it open, never 0", () => {
  const known = read(
    many(100, (i) => row(i, { costUsd: i % 2 === 0 ? 0.001 : 0.003 })),
    { monthlyUsd: { atMost: 100 } },
  );
  expect(known.of("monthlyUsd")?.estimate).toBeCloseTo(0.002 * 43_200, 9);
  expect(known.verdict).toBe("go");
  const free = read(
    many(100, (i) => row(i, { costUsd: 0 })),
    { monthlyUsd: { atMost: 100 } },
  );
  expect(free.of("monthlyUsd")).toMatchObject({ estimate: 0, standing: "met" });
  const unknown = read(
    many(100, (i) => row(i, { costUsd: null })),
    { monthlyUsd: { atMost: 100 } },
  );
  expect(unknown.of("monthlyUsd")).toMatchObject({ estimate: null, standing: "open" });
  expect(unknown.verdict).toBe("inconclusive");
});

test("percentiles are those of tasks, with order-statistic limits", () => {
  const found = read(
    many(1000, (i) => row(i)),
    { "latencyMs.p95": { atMost: 1000 } },
  );
  expect(found.of("latencyMs.p50")?.estimate).toBe(500.5);
  expect(found.of("latencyMs.p95")?.estimate).toBeCloseTo(950.05, 9);
  expect(found.verdict).toBe("go");
  // The upper limit of P99 needs 368 tasks at alpha 0.025: below that a value, but no claim.
  const few = read(
    many(101, (i) => row(i)),
    { "latencyMs.p99": { atMost: 1000 } },
  );
  expect(few.of("latencyMs.p99")).toMatchObject({ estimate: 100, upper: null, standing: "open" });
});

test("without a target nothing is a go", () => {
  const readings = readTargets(gather("right").end(), targets({ quality: { atLeast: 0.5 } }));
  expect(verdictOf(readings.map((one) => ({ ...one, standing: "shown" as const })))).toBe("inconclusive");
});

test("what is acceptable: not empty, whole, JSON, sure enough", () => {
  const reply = (text: string, finishReason = "stop") =>
    ({ text, toolCalls: [], finishReason }) as unknown as ChatReply;
  const rules = (accept: object) => RouteRules.parse({ accept });
  expect(flawOf(reply(" "), rules({}))).toBe("empty");
  expect(flawOf(reply("x"), rules({}))).toBeNull();
  expect(flawOf(reply("x", "length"), rules({}))).toBeNull();
  expect(flawOf(reply("x", "length"), rules({ finished: true }))).toBe("cut off");
  expect(flawOf(reply("x"), rules({ json: true }))).toBe("not JSON");
  expect(flawOf(reply("{}"), rules({ json: true }))).toBeNull();
  const sure = rules({ confidence: { at: "meta.sure", atLeast: 0.8 } });
  expect(flawOf(reply('{"meta":{"sure":0.8}}'), sure)).toBeNull();
  expect(flawOf(reply('{"meta":{"sure":0.79}}'), sure)).toBe("not sure");
  expect(flawOf(reply('{"meta":{"sure":"very"}}'), sure)).toBe("not sure");
  expect(flawOf(reply("sure"), sure)).toBe("not JSON");
  const call = { ...reply(""), toolCalls: [{ id: null, name: "f", argumentsText: "{}" }] };
  expect(flawOf(call, rules({}))).toBeNull();
});
