import fc from "fast-check";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ingest } from "../../ingest/ingest.ts";
import { Config } from "../../schema/config.ts";
import { replaceFile } from "../../store/atomic.ts";
import { testProject } from "../testing/project.ts";
import { answersOf } from "./answers.ts";
import type { Answer, Facts } from "./facts.ts";
import { gatherFacts } from "./gather.ts";

const LOGS: Facts["logs"] = {
  interactions: 20_000,
  mostOfOneAgent: 12_000,
  users: 300,
  withSignal: 4000,
  good: 3000,
  bad: 800,
  corrected: 600,
  withOutcome: 10_000,
  completed: 8000,
  sincePromotion: 0,
  firstHalf: 0,
  firstCompleted: 0,
  secondHalf: 0,
  secondCompleted: 0,
};
const facts = (logs: Partial<Facts["logs"]> = {}, more: Partial<Facts> = {}): Facts => ({
  logs: { ...LOGS, ...logs },
  usdPerMonth: 5000,
  examples: null,
  pairs: null,
  bases: [],
  untrained: [],
  decision: null,
  production: null,
  ...more,
});
const answer = (question: Answer["question"], it: Facts): Answer =>
  answersOf(it).find((one) => one.question === question)!;

describe("train at all?", () => {
  it("keeps C13's thousand, and says no where nothing is to gain", () => {
    expect(answer("train", facts({ interactions: 999 })).answer).toMatch(/^not yet/);
    expect(answer("train", facts({ interactions: 1000 })).answer).toMatch(/^yes: there are failures/);
    expect(answer("train", facts({ completed: 9900 }, { usdPerMonth: 40 })).answer).toMatch(/^no:/);
    expect(answer("train", facts({ completed: 9900 })).answer).toMatch(/^yes, for the cost/);
    const blind = answer(
      "train",
      facts({ withSignal: 0, withOutcome: 0, completed: 0 }, { usdPerMonth: null }),
    );
    expect(blind.answer).toMatch(/^cannot tell/);
    expect(blind.missing).toHaveLength(3);
  });
});

describe("which method?", () => {
  it("keeps C13's five hundred pairs, counted after curation where there is any", () => {
    expect(answer("method", facts()).answer).toBe("SFT, then DPO from it");
    expect(answer("method", facts({ corrected: 499 })).answer).toMatch(/^SFT;/);
    expect(answer("method", facts({}, { pairs: 499, examples: 2000 })).answer).toMatch(/^SFT;/);
    expect(answer("method", facts({ good: 10 })).answer).toBe("DPO from the model you have");
    expect(answer("method", facts({ good: 10, corrected: 10 })).answer).toMatch(/^neither yet/);
  });
});

describe("which base?", () => {
  const arms = [
    { arm: "large", success: 0.9, usdPerThousand: 10 },
    { arm: "small", success: 0.87, usdPerThousand: 1 },
    { arm: "tiny", success: 0.6, usdPerThousand: 0.1 },
  ];
  it("takes the cheapest near the best, and refuses to guess from size", () => {
    expect(answer("base", facts({}, { untrained: arms })).answer).toMatch(/^small:/);
    const bases = [
      { name: "bases/a", bytes: 5e6 },
      { name: "bases/b", bytes: 2e6 },
    ];
    const guess = answer("base", facts({}, { bases }));
    expect(guess.answer).toBe("cannot tell; begin with the smallest, bases/b");
    expect(guess.missing).toHaveLength(1);
  });
});

describe("deploy, and train again?", () => {
  const decision = {
    run: "d1",
    verdict: "go",
    reasons: [],
    sentence: "better",
    baselineIsProduction: true,
    registered: true,
  };
  it("says yes only to what promote would take", () => {
    const verdict = (more: object): string =>
      answer("deploy", facts({}, { decision: { ...decision, ...more } })).answer;
    expect(verdict({})).toBe("yes");
    expect(verdict({ registered: false })).toMatch(/^yes, once/);
    expect(verdict({ baselineIsProduction: false })).toMatch(/^yes, once/);
    expect(verdict({ verdict: "no-go" })).toBe("no");
    expect(verdict({ verdict: "inconclusive" })).toMatch(/^not yet/);
    expect(verdict({ verdict: "invalid" })).toMatch(/^no: the comparison/);
  });

  it("asks for a decline that an interval shows, never for a smaller number alone", () => {
    const production = { version: "v1.2.1", since: "2026-01-01T00:00:00.000Z", days: 30 };
    const after = (firstCompleted: number, secondCompleted: number, more: object = {}): string =>
      answer(
        "retrain",
        facts(
          { sincePromotion: 2000, firstHalf: 1000, firstCompleted, secondHalf: 1000, secondCompleted },
          { production: { ...production, ...more } },
        ),
      ).answer;
    expect(after(900, 890)).toMatch(/^no:/);
    expect(after(900, 840)).toMatch(/^yes:/);
    expect(after(900, 900, { days: 120 })).toMatch(/^worth a try/);
    expect(answer("retrain", facts()).missing).toHaveLength(1);
  });
});

it("answers all five whatever the numbers, without a NaN", () => {
  const n = fc.integer({ min: 0, max: 30_000 });
  const logs = fc.record(Object.fromEntries(Object.keys(LOGS).map((key) => [key, n]))) as fc.Arbitrary<
    Facts["logs"]
  >;
  fc.assert(
    fc.property(logs, fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })), (some, usdPerMonth) => {
      const answers = answersOf(facts(some, { usdPerMonth }));
      expect(answers.map(({ question }) => question)).toEqual([
        "train",
        "method",
        "base",
        "deploy",
        "retrain",
      ]);
      expect(JSON.stringify(answers)).not.toMatch(/NaN|Infinity|undefined/);
    }),
  );
});

it("reads its facts from stored logs", async () => {
  const project = await testProject(mkdtempSync(join(tmpdir(), "advise-")));
  const calls = Array.from({ length: 20 }, (_, i) => ({
    schema: "workbench/interaction@1",
    source_id: `c${i}`,
    user_key: `u${i % 3}`,
    agent: i < 15 ? "a" : "b",
    started_at: `2026-03-01T00:00:${String(i).padStart(2, "0")}.000Z`,
    messages: [{ role: "user", content: `q${i}` }],
    output: [{ role: "assistant", content: "x", finish_reason: "stop" }],
    status: "ok",
    task_completed: i % 4 !== 0,
    ...(i < 6 ? { feedback: [{ kind: "thumb", raw: "up", value: i < 4 ? 1 : -1 }] } : {}),
    ...(i === 7 ? { feedback: [{ kind: "correction", raw: null, value: -1, corrected_text: "y" }] } : {}),
  }));
  const path = join(project.root, "logs.jsonl");
  await replaceFile(path, calls.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const config = Config.parse({ schema: "workbench/config@1", project: "test" });
  await ingest({ project, config, sources: [path], key: Buffer.alloc(32, 7) });
  const { logs } = await gatherFacts(project);
  expect(logs).toMatchObject({
    interactions: 20,
    mostOfOneAgent: 15,
    users: 3,
    withSignal: 7,
    good: 4,
    bad: 3,
    corrected: 1,
    withOutcome: 20,
    completed: 15,
    sincePromotion: 0,
  });
});
